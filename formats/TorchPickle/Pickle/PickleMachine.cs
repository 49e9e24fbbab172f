using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Unicode;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Formats.TorchPickle.Zip;

namespace BiMamba.Formats.TorchPickle.Pickle;

/// <summary>
/// Interprets the instructions of a pickle that torch.save writes. It builds data and executes nothing: a global is a
/// row of <see cref="PickleGlobals"/>, and one that is not there is reported, with all others of the file, and stands
/// for an inert value. Values nest without recursion.
/// </summary>
/// <remarks>Source of the instructions: Python's Lib/pickletools.py, protocols 2 to 5.</remarks>
internal sealed partial class PickleMachine
{
    private readonly string path;
    private readonly long fileOffset;
    private readonly DiagnosticBag found = new();
    private readonly List<PickleValue> stack = [];
    private readonly List<int> marks = [];
    private readonly Dictionary<ulong, PickleValue> memo = [];
    private readonly HashSet<(string, string)> reportedGlobals = [];
    private int at;

    private PickleMachine(string path, long fileOffset)
    {
        this.path = path;
        this.fileOffset = fileOffset;
    }

    /// <summary>Interprets a pickle.</summary>
    /// <param name="path">The file, for diagnostics.</param>
    /// <param name="fileOffset">Byte offset of the pickle in it.</param>
    /// <param name="bytes">The pickle.</param>
    /// <param name="diagnostics">Receives the first malformed instruction and every refused global.</param>
    /// <returns>The value, or null after an error.</returns>
    public static PickleValue? Run(string path, long fileOffset, ReadOnlySpan<byte> bytes, DiagnosticBag diagnostics)
    {
        var machine = new PickleMachine(path, fileOffset);
        var value = machine.Run(bytes);
        diagnostics.AddRange(machine.found);
        return machine.found.HasErrors ? null : value;
    }

    private PickleValue? Run(ReadOnlySpan<byte> bytes)
    {
        var cursor = new PickleCursor(bytes);
        for (var count = 0; ; count++)
        {
            at = cursor.Position;
            if (count == PickleLimits.Instructions)
            {
                Fail(TorchDiagnostics.PickleLimit, $"expected at most {PickleLimits.Instructions} instructions, found more");
                return null;
            }

            if (!cursor.TryUnsigned(1, out var code))
            {
                Truncated();
                return null;
            }

            if (code == '.')
                return Stop(cursor.AtEnd);
            if (!Step((byte)code, ref cursor))
                return null;
        }
    }

    private PickleValue? Stop(bool atEnd)
    {
        if (!atEnd)
            Malformed("expected nothing behind the end of the pickle, found more bytes");
        else if (stack.Count != 1 || marks.Count != 0)
            Malformed($"expected one value at the end, found {stack.Count} and {marks.Count} open marks");
        return stack.Count > 0 ? stack[^1] : null;
    }

    /// <summary>One instruction. False after an error that ends the run.</summary>
    private bool Step(byte code, ref PickleCursor cursor) => code switch
    {
        0x80 => Protocol(ref cursor),
        0x95 => Frame(ref cursor),
        (byte)'(' => Mark(),
        (byte)'0' => Pop(out _),
        (byte)'1' => PopMark(out _),
        (byte)'2' => Peek(out var top) && Push(top),
        (byte)'N' => Push(PickleOpaque.None),
        0x88 => Push(PickleBool.True),
        0x89 => Push(PickleBool.False),
        (byte)'J' => SignedInteger(ref cursor),
        (byte)'K' => UnsignedInteger(ref cursor, 1),
        (byte)'M' => UnsignedInteger(ref cursor, 2),
        0x8a => LongInteger(ref cursor, 1),
        0x8b => LongInteger(ref cursor, 4),
        (byte)'G' => Skip(ref cursor, 8) && Push(PickleOpaque.Float),
        0x8c => Text(ref cursor, 1),
        (byte)'X' => Text(ref cursor, 4),
        0x8d => Text(ref cursor, 8),
        (byte)'C' => Bytes(ref cursor, 1),
        (byte)'B' => Bytes(ref cursor, 4),
        0x8e or 0x96 => Bytes(ref cursor, 8),
        (byte)')' => Push(PickleTuple.Empty),
        0x85 => Tuple(1),
        0x86 => Tuple(2),
        0x87 => Tuple(3),
        (byte)'t' => PopMark(out var items) && Push(new PickleTuple(items)),
        (byte)']' => Push(new PickleList()),
        (byte)'l' => List(),
        (byte)'a' => Pop(out var item) && Append([item]),
        (byte)'e' => PopMark(out var items) && Append(items),
        (byte)'}' => Push(new PickleDict()),
        (byte)'d' => Dict(),
        (byte)'s' => SetItem(),
        (byte)'u' => PopMark(out var pairs) && SetItems(pairs),
        0x8f => Push(PickleOpaque.Set),
        0x90 => PopMark(out _) && AddToSet(),
        0x91 => PopMark(out _) && Push(PickleOpaque.Set),
        (byte)'q' => cursor.TryUnsigned(1, out var index) ? Memoize(index) : Truncated(),
        (byte)'r' => cursor.TryUnsigned(4, out var index) ? Memoize(index) : Truncated(),
        0x94 => Memoize((ulong)memo.Count),
        (byte)'h' => cursor.TryUnsigned(1, out var index) ? Recall(index) : Truncated(),
        (byte)'j' => cursor.TryUnsigned(4, out var index) ? Recall(index) : Truncated(),
        (byte)'c' => GlobalLines(ref cursor, out var module, out var name) && Global(module, name),
        0x93 => StackGlobal(),
        (byte)'i' => Instance(ref cursor),
        (byte)'R' or 0x81 => Call(),
        (byte)'b' => Build(),
        (byte)'Q' => PersistentId(),
        _ => Fail(TorchDiagnostics.PickleOpcode, $"expected an instruction that torch.save writes, found 0x{code:X2}"),
    };

    private bool Protocol(ref PickleCursor cursor)
    {
        if (!cursor.TryUnsigned(1, out var protocol))
            return Truncated();
        return protocol <= PickleLimits.Protocol || Fail(TorchDiagnostics.PickleOpcode, $"expected a protocol up to {PickleLimits.Protocol}, found {protocol}");
    }

    private bool Frame(ref PickleCursor cursor)
    {
        // Frames only help readers that buffer; the bound is checked and the content read as it comes.
        if (!cursor.TryUnsigned(8, out var length))
            return Truncated();
        var rest = cursor;
        return rest.TryTake(length, out _) || Truncated();
    }

    private bool SignedInteger(ref PickleCursor cursor) =>
        cursor.TryUnsigned(4, out var value) ? Push(new PickleInteger(unchecked((int)value))) : Truncated();

    private bool UnsignedInteger(ref PickleCursor cursor, int size) =>
        cursor.TryUnsigned(size, out var value) ? Push(new PickleInteger((long)value)) : Truncated();

    private bool LongInteger(ref PickleCursor cursor, int lengthSize)
    {
        if (!cursor.TryUnsigned(lengthSize, out var length) || !cursor.TryTake(length, out var digits))
            return Truncated();
        if (digits.Length > sizeof(long))
            return Push(PickleOpaque.BigInteger);
        return Push(new PickleInteger((long)new BigInteger(digits)));
    }

    private bool Text(ref PickleCursor cursor, int lengthSize)
    {
        if (!cursor.TryUnsigned(lengthSize, out var length) || !cursor.TryTake(length, out var utf8))
            return Truncated();
        if (utf8.Length > PickleLimits.TextBytes)
            return Fail(TorchDiagnostics.PickleLimit, $"expected a string of at most {PickleLimits.TextBytes} bytes, found {utf8.Length}");
        return Utf8.IsValid(utf8) ? Push(new PickleText(Encoding.UTF8.GetString(utf8))) : Malformed("expected a string in UTF-8, found other bytes");
    }

    private bool Bytes(ref PickleCursor cursor, int lengthSize) =>
        cursor.TryUnsigned(lengthSize, out var length) && cursor.TryTake(length, out _) ? Push(PickleOpaque.Bytes) : Truncated();

    private bool Skip(ref PickleCursor cursor, ulong count) => cursor.TryTake(count, out _) || Truncated();

    private bool GlobalLines(ref PickleCursor cursor, out string module, out string name)
    {
        module = name = "";
        if (!cursor.TryLine(out var first) || !cursor.TryLine(out var second))
            return Truncated();
        if (first.Length > PickleLimits.GlobalBytes || second.Length > PickleLimits.GlobalBytes)
            return GlobalTooLong();
        module = Encoding.UTF8.GetString(first);
        name = Encoding.UTF8.GetString(second);
        return true;
    }

    private bool GlobalTooLong() => Fail(TorchDiagnostics.PickleLimit, $"expected a global with names of at most {PickleLimits.GlobalBytes} bytes, found a longer one");

    private bool Instance(ref PickleCursor cursor)
    {
        if (GlobalLines(ref cursor, out var module, out var name))
            Refuse(module, name);
        return false;
    }

    private bool Truncated() => Fail(TorchDiagnostics.PickleTruncated, "expected a whole instruction, found the end of the pickle inside it");

    private bool Malformed(string message) => Fail(TorchDiagnostics.PickleMalformed, message);

    private bool Fail(DiagnosticDescriptor descriptor, string message)
    {
        found.Add(descriptor, $"{message} (byte {at} of data.pkl)", new Place(path, Field: "data.pkl", Offset: fileOffset + at), ZipRecords.Again);
        return false;
    }
}
