using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Spec;

/// <content>The values that contain no others.</content>
public sealed partial class SpecReader
{
    private SpecIntegerNode? ReadInteger(SpecType type, SpecType.Integer storage, SpecEnum? words, SpecNode parent, SpecField? field, int index, long end)
    {
        var offset = position;
        if (!Take(storage.Size, end, parent, field, index))
            return null;
        var node = SpecLayout.NewInteger(type, storage, words, parent, field, index);
        node.Offset = offset;
        node.Size = storage.Size;
        var value = Unsigned(source.Span(offset, storage.Size));
        node.Value = storage.IsSigned && value > SpecLayout.Range(storage).Most ? value - (Int128.One << (8 * storage.Size)) : value;
        return node;
    }

    private SpecFloatNode? ReadFloat(SpecType.Floating type, SpecNode parent, SpecField? field, int index, long end)
    {
        var offset = position;
        if (!Take(type.Size, end, parent, field, index))
            return null;
        var bytes = source.Span(offset, type.Size);
        var value = type.Size == 4 ? BinaryPrimitives.ReadSingleLittleEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes);
        return new SpecFloatNode { Type = type, Parent = parent, Field = field, Index = index, Offset = offset, Size = type.Size, Value = value };
    }

    private SpecTextNode? ReadText(SpecType.Text type, SpecNode parent, SpecField? field, int index, long end)
    {
        var offset = position;
        var prefix = type.Prefix.Size;
        if (!Take(prefix, end, parent, field, index))
            return null;
        var length = Unsigned(source.Span(offset, prefix));
        if (!Take(length, end, parent, field, index))
            return null;
        return Decode(type, prefix, offset, parent, field, index);
    }

    private SpecTextNode Decode(SpecType type, int prefix, long offset, SpecNode parent, SpecField? field, int index)
    {
        var node = new SpecTextNode { Type = type, PrefixSize = prefix, Parent = parent, Field = field, Index = index, Offset = offset, Size = position - offset };
        var bytes = source.Span(offset + prefix, (int)(position - offset - prefix));
        if (Utf8.IsValid(bytes))
            node.Value = Encoding.UTF8.GetString(bytes);
        else
            validator.Report(BimbDiagnostics.NotUtf8, node, "expected UTF-8, found other bytes");
        return node;
    }

    private SpecNode? ReadRange(SpecType type, SpecNode parent, SpecField? field, int index, long end)
    {
        var offset = position;
        var expression = type switch
        {
            SpecType.Bytes bytes => bytes.Length,
            SpecType.Utf8 utf8 => utf8.Length,
            SpecType.Zero zero => zero.Length,
            SpecType.Region region => region.Length,
            _ => throw new InvalidOperationException($"{type} is no range"),
        };
        if (validator.Evaluator.EvaluateInteger(expression, new SpecScope(parent.EnclosingRecord!, null, null, position, end), out var length) != SpecOutcome.Value)
        {
            lost = true;
            return null;
        }

        if (!Take(length, end, parent, field, index))
            return null;
        switch (type)
        {
            case SpecType.Utf8:
                return Decode(type, 0, offset, parent, field, index);
            case SpecType.Bytes:
                return new SpecBytesNode(source) { Type = type, Parent = parent, Field = field, Index = index, Offset = offset, Size = (long)length };
            case SpecType.Region:
                return new SpecRegionNode { Type = type, Parent = parent, Field = field, Index = index, Offset = offset, Size = (long)length };
        }

        var padding = new SpecZeroNode { Type = type, Parent = parent, Field = field, Index = index, Offset = offset, Size = (long)length };
        CheckZero(padding);
        return padding;
    }

    private void CheckZero(SpecZeroNode node)
    {
        var bad = source.Span(node.Offset, (int)node.Size).IndexOfAnyExcept((byte)0);
        if (bad >= 0)
            validator.Report(BimbDiagnostics.Padding, node, Text($"expected zero bytes, found 0x{source.Span(node.Offset + bad, 1)[0]:X2}"), offset: node.Offset + bad);
    }

    /// <summary>Moves over bytes; false where they are not there.</summary>
    private bool Take(Int128 length, long end, SpecNode parent, SpecField? field, int index)
    {
        // Only a region may be longer than what one span can hold.
        var most = field?.Type is SpecType.Region ? end - position : Math.Min(end - position, int.MaxValue / 2);
        if (length >= 0 && length <= most)
        {
            position += (long)length;
            return true;
        }

        validator.ReportAt(BimbDiagnostics.Truncated, PathOf(parent, field, index), position, Text($"expected {length} bytes, found {end - position} up to the end of the section or file"), SpecClasses.Find("truncated")!.Hint);
        lost = true;
        return false;
    }

    private static Int128 Unsigned(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        1 => bytes[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };

    private static string PathOf(SpecNode parent, SpecField? field, int index) =>
        new SpecZeroNode { Type = parent.Type, Parent = parent, Field = field, Index = index }.Path;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
