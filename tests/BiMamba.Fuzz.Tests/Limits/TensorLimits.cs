using System.Buffers.Binary;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Formats.TorchPickle;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Testing.Building;

namespace BiMamba.Fuzz.Tests.Limits;

/// <summary>Limits of safetensors, of indices and of torch files.</summary>
internal static class TensorLimits
{
    private static readonly byte[] Floats = new byte[16];

    /// <summary>The rows.</summary>
    public static IReadOnlyList<LimitRow> All { get; } =
    [
        new("safetensors-header", "bytes of the header", "SafetensorsHeader.MaxHeaderBytes", "BIM1102", (input, bag) => Safetensors(input, bag, 100_000_001, "{}")),
        new("safetensors-name", "bytes of a tensor's name", "SafetensorsHeader.MaxNameBytes", "BIM1117", (input, bag) => Safetensors(input, bag, null, Entry(new string('n', 1025), "[0]"))),
        new("safetensors-depth", "values of the header inside one another", "SafetensorsHeaderParser.MaxDepth", "BIM1105", (input, bag) => Safetensors(input, bag, null, "{\"n\":" + new string('[', 8) + new string(']', 8) + "}")),
        new("rank", "dimensions of a tensor of any checkpoint", "Shape.MaxRank", "BIM1109", (input, bag) => Safetensors(input, bag, null, Entry("n", "[0,1,1,1,1,1,1,1,1]"))),
        new("index-bytes", "bytes of an index", "ShardIndex.MaxBytes", "BIM1137", (input, bag) => SafetensorsReader.OpenSharded(Sparse(input, "x.index.json", 100_000_001), bag)),
        new("index-depth", "values of an index inside one another", "ShardIndex.MaxDepth", "BIM1130", (input, bag) => Index(input, bag, "{\"metadata\":" + new string('[', 16) + new string(']', 16) + "}")),
        new("zip-entries", "entries of an archive", "ZipDirectory.MaxEntries", "BIM1209", (input, bag) => Torch(input, bag, new ZipBuilder(zip64: true) { DeclaredEntries = 0xFFFFF }.Add("a/data.pkl", [(byte)'.']).Build())),
        new("zip-name", "bytes of an entry's name", "ZipDirectory.MaxNameBytes", "BIM1209", (input, bag) => Torch(input, bag, ZipBuilder.Of(new ZipItem(new string('n', 1025), [])))),
        new("pickle-bytes", "bytes of the pickle", "PickleLimits.Bytes", "BIM1223", (input, bag) => Pickle(input, bag, new byte[(64 << 20) + 1])),
        new("pickle-instructions", "instructions of the pickle", "PickleLimits.Instructions", "BIM1223", (input, bag) => Pickle(input, bag, Repeat("N0"u8, 2_000_001))),
        new("pickle-stack", "values, and marks, on the stack of the pickle", "PickleLimits.Stack", "BIM1223", (input, bag) => Pickle(input, bag, Repeat("N"u8, 1_000_001))),
        new("pickle-memo", "values in the memo of the pickle", "PickleLimits.Memo", "BIM1223", (input, bag) => Pickle(input, bag, [(byte)'N', .. Repeat([0x94], 2_000_001)])),
        new("pickle-text", "bytes of a string of the pickle", "PickleLimits.TextBytes", "BIM1223", (input, bag) => Pickle(input, bag, new PickleBuilder().Text(new string('x', (1 << 20) + 1)).Stop())),
        new("pickle-global", "bytes of the module, and of the name, of a global", "PickleLimits.GlobalBytes", "BIM1223", (input, bag) => Pickle(input, bag, new PickleBuilder().Global(new string('m', 257), "x").Stop())),
        new("pickle-key", "characters of the key of a storage", "PickleLimits.KeyCharacters", "BIM1223", (input, bag) => Pickle(input, bag, new PickleBuilder().Storage("FloatStorage", new string('k', 1025), 1).Stop())),
        new("pickle-protocol", "the newest protocol of the pickle", "PickleLimits.Protocol", "BIM1221", (input, bag) => Pickle(input, bag, [0x80, 6, (byte)'N', (byte)'.'])),
        new("state-depth", "dictionaries of a state dict inside one another", "StateDict.MaxDepth", "BIM1239", (input, bag) => Pickle(input, bag, Nested(40))),
        new("state-visits", "items of all dictionaries of a state dict, each as often as it is used", "StateDict.MaxVisits", "BIM1239", (input, bag) => Pickle(input, bag, Multiplied(1, 5, 26))),
        new("state-names", "characters of all names of a state dict", "StateDict.MaxNameCharacters", "BIM1239", (input, bag) => Pickle(input, bag, Multiplied(250, 17, 2))),
        new("state-name", "bytes of a tensor's name with those of its dictionaries", "TensorNames.MaxBytes", "BIM1237", (input, bag) => Pickle(input, bag, PickleBuilder.StateDict(4, new string('n', 1025)))),
        new("views", "bytes of all views that repeat elements of their storages", "TorchTensors.MaxRepeatedBytes", "BIM1236", (input, bag) => Pickle(input, bag, new PickleBuilder().Op('}').Text("x").Tensor("FloatStorage", "0", 4, 0, [1 << 15, 1 << 15, 4], [0, 0, 1]).Op('s').Stop())),
    ];

    /// <summary>A file of a length without content, which takes no place on most systems.</summary>
    internal static string Sparse(FuzzInput input, string name, long length)
    {
        var path = Path.Combine(input.Folder, name);
        using var stream = new FileStream(path, FileMode.Create);
        stream.SetLength(length);
        return path;
    }

    /// <summary>Bytes that repeat.</summary>
    internal static byte[] Repeat(ReadOnlySpan<byte> piece, int count)
    {
        var bytes = new byte[piece.Length * count];
        for (var i = 0; i < count; i++)
            piece.CopyTo(bytes.AsSpan(i * piece.Length));
        return bytes;
    }

    private static string Entry(string name, string shape) => $"{{\"{name}\":{{\"dtype\":\"U8\",\"shape\":{shape},\"data_offsets\":[0,0]}}}}";

    private static void Safetensors(FuzzInput input, DiagnosticBag bag, ulong? length, string header)
    {
        var bytes = Encoding.UTF8.GetBytes(header);
        input.Bytes = [.. new byte[8], .. bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(input.Bytes, length ?? (ulong)bytes.Length);
        SafetensorsReader.OpenFile(input.Write("x.safetensors"), bag)?.Dispose();
    }

    private static void Index(FuzzInput input, DiagnosticBag bag, string json)
    {
        input.Bytes = Encoding.UTF8.GetBytes(json);
        SafetensorsReader.OpenSharded(input.Write("x.safetensors.index.json"), bag)?.Dispose();
    }

    private static void Pickle(FuzzInput input, DiagnosticBag bag, byte[] pickle) => Torch(input, bag, new ZipBuilder().Add("a/data.pkl", pickle).Add("a/data/0", Floats).Build());

    private static void Torch(FuzzInput input, DiagnosticBag bag, byte[] archive)
    {
        input.Bytes = archive;
        TorchReader.OpenFile(input.Write("x.pt"), bag)?.Dispose();
    }

    private static byte[] Nested(int depth)
    {
        var pickle = new PickleBuilder();
        for (var i = 0; i < depth; i++)
            pickle.Op('}').Text("d");
        pickle.Tensor("FloatStorage", "0", 4, 0, [4], [1]);
        for (var i = 0; i < depth; i++)
            pickle.Op('s');
        return pickle.Stop();
    }

    /// <summary>
    /// A dictionary of tensors, used several times by the next one, and so on: names of it multiply at every level.
    /// </summary>
    private static byte[] Multiplied(int nameLength, int levels, int uses)
    {
        var pickle = new PickleBuilder().Op('}').Text(new string('t', nameLength)).Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('s').Raw((byte)'q', 0).Op('0');
        for (var level = 0; level < levels; level++)
        {
            pickle.Op('}');
            for (var i = 0; i < uses; i++)
                pickle.Text(((char)('a' + i)).ToString()).Raw((byte)'h', 0).Op('s');
            // The memo keeps what the next level uses; the last level stays.
            if (level < levels - 1)
                pickle.Raw((byte)'q', 0).Op('0');
        }

        return pickle.Stop();
    }
}
