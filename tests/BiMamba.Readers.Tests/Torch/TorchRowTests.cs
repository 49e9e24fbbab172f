using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.TorchPickle;
using BiMamba.Readers.Tests.Building;
using BiMamba.Testing;
using BiMamba.Testing.Building;

namespace BiMamba.Readers.Tests.Torch;

/// <summary>Every cause of refusal of a torch file, from literal bytes.</summary>
public class TorchRowTests
{
    private static readonly (string Row, Func<byte[]> File)[] Cases =
    [
        .. Kinds(), .. Zips(), .. Pickles(), .. Calls(), .. Tensors(), .. Dictionaries(),
    ];

    public static TheoryData<int, string> CaseIndexes => [.. Cases.Select((c, i) => (i, c.Row))];

    [Theory]
    [MemberData(nameof(CaseIndexes))]
    public void A_broken_rule_is_reported_by_its_row_alone(int index, string row)
    {
        using var folder = new TemporaryFolder();
        var path = folder["x.bin"];
        File.WriteAllBytes(path, Cases[index].File());
        var diagnostics = new DiagnosticBag();
        using var archive = TorchReader.OpenFile(path, diagnostics);
        var expected = Rows.Of(typeof(TorchDiagnostics))[row];
        Assert.NotEmpty(diagnostics.Items);
        Assert.All(diagnostics.Items, diagnostic => Assert.Equal(expected.Id, diagnostic.Id));
        Assert.All(diagnostics.Items, diagnostic => Assert.Equal(path, diagnostic.Place.File));
        Assert.Equal(expected.Severity == Severity.Error, archive is null);
    }

    [Fact]
    public void Every_row_has_a_case() =>
        Assert.Equal(
            Rows.Of(typeof(TorchDiagnostics)).Keys.Order(StringComparer.Ordinal),
            Cases.Select(c => c.Row).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static IEnumerable<(string, Func<byte[]>)> Kinds() =>
    [
        ("NotTorch", () => []),
        ("NotTorch", () => [0x50]),
        ("NotTorch", () => "version https://git-lfs.github.com/spec/v1\n"u8.ToArray()),
        ("NotTorch", () => SafetensorsBytes.Of("{}")),
        ("NotTorch", () => [0x80, 2, (byte)'}', (byte)'.']),
        ("Legacy", () => [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.']),
        ("Legacy", () => [.. new byte[257], .. "ustar"u8, .. new byte[250]]),
        ("TorchScript", () => ZipBuilder.Of(new("a/data.pkl", Empty()), new("a/constants.pkl", Empty()))),
        ("TorchScript", () => ZipBuilder.Of(new("a/data.pkl", Empty()), new("a/code/__torch__.py", []))),
        ("NoPickle", () => ZipBuilder.Of(new ZipItem("a/b/data.pkl", Empty()))),
        ("NoPickle", () => ZipBuilder.Of(new ZipItem("data.pkl", Empty()))),
        ("NoPickle", () => ZipBuilder.Of(new("a/data.pkl", Empty()), new("b/data.pkl", Empty()))),
        ("ByteOrder", () => ZipBuilder.Of(new("a/data.pkl", Empty()), new("a/byteorder", "big"u8.ToArray()))),
    ];

    private static IEnumerable<(string, Func<byte[]>)> Zips() =>
    [
        ("ZipDirectory", () => "PK\x03\x04"u8.ToArray()),
        ("ZipDirectory", () => Good()[..^1]),
        ("ZipDirectory", () => [.. Good(), 0]),
        ("ZipDirectory", () => [.. "PK\x03\x04"u8, .. Good()]),
        ("ZipDirectory", () => new ZipBuilder { DeclaredEntries = 4000 }.Add("a/data.pkl", Empty()).Build()),
        ("ZipDirectory", () => new ZipBuilder { DeclaredEntries = 1 }.Add("a/data.pkl", Empty()).Add("a/version", []).Build()),
        ("ZipDirectory", () => ZipBuilder.Of(new("a/data.pkl", Empty()), new("", []))),
        ("ZipDirectory", () => Patch(Good(), Good().Length - 18, 1)),
        ("ZipDirectory", () => Patch(Zip64(), Zip64().Length - 22 - 20 + 8, 1)),
        ("ZipDirectory", () => Patch(Zip64(), Zip64().Length - 22 - 20 + 15, 0x7f)),
        ("ZipDirectory", () => Patch(Zip64(), Zip64().Length - 12, 9)),
        ("ZipEntry", () => ZipBuilder.Of(new ZipItem("a/data.pkl", Empty()) { DirectoryLength = 5_000 })),
        ("ZipEntry", () => ZipBuilder.Of(new ZipItem("a/data.pkl", Empty()) { DirectoryLength = 2 })),
        ("ZipEntry", () => ZipBuilder.Of(new ZipItem("a/data.pkl", Empty()) { DirectoryCompressed = 2 })),
        ("ZipEntry", () => ZipBuilder.Of(new ZipItem("a/data.pkl", Empty()) { HeaderOffset = 3 })),
        ("ZipEntry", () => ZipBuilder.Of(new ZipItem("a/data.pkl", Empty()) { HeaderOffset = 4_000_000_000 })),
        ("ZipEntry", () => ZipBuilder.Of(new ZipItem("a/data.pkl", Empty()) { LocalName = "b/data.pkl" })),
        ("ZipDuplicate", () => ZipBuilder.Of(new("a/data.pkl", Empty()), new("a/version", []), new("a/version", []))),
        ("ZipOverlap", Overlapping),
        ("ZipCompressed", () => ZipBuilder.Of(new ZipItem("a/data.pkl", Empty()) { Method = 8 })),
        ("ZipCompressed", () => ZipBuilder.Of(new ZipItem("a/data.pkl", Empty()) { Flags = 1 })),
        ("ZipLimit", () => ZipBuilder.Of(new("a/data.pkl", Empty()), new(new string('n', 1025), []))),
        ("ZipLimit", () => Patch(Patch(Zip64(), Zip64().Length - 98 + 34, 0x7f), Zip64().Length - 98 + 26, 0x7f, Zip64().Length - 14, 0xff, Zip64().Length - 13, 0xff, Zip64().Length - 12, 0xff, Zip64().Length - 11, 0xff)),
    ];

    private static IEnumerable<(string, Func<byte[]>)> Pickles() =>
    [
        ("PickleTruncated", () => TorchBytes.Of([])),
        ("PickleTruncated", () => TorchBytes.Of([0x80])),
        ("PickleTruncated", () => TorchBytes.Of(Empty()[..^1])),
        ("PickleTruncated", () => TorchBytes.Of([0x80, 2, (byte)'X', 255, 255, 255, 127, (byte)'a'])),
        ("PickleTruncated", () => TorchBytes.Of([0x80, 4, 0x8d, 255, 255, 255, 255, 255, 255, 255, 255])),
        ("PickleTruncated", () => TorchBytes.Of([0x80, 4, 0x95, 9, 0, 0, 0, 0, 0, 0, 0, (byte)'}', (byte)'.'])),
        ("PickleTruncated", () => TorchBytes.Of([0x80, 2, .. "ctorch"u8])),
        ("PickleOpcode", () => TorchBytes.Of([0x80, 6, (byte)'}', (byte)'.'])),
        ("PickleOpcode", () => TorchBytes.Of([0x80, 2, 0x82, 1, (byte)'.'])),
        ("PickleOpcode", () => TorchBytes.Of([0x80, 2, (byte)'o', (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'}', (byte)'}', (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'}', (byte)'.', 0])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'0', (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'}', (byte)'(', (byte)'s', (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'t', (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'h', 7, (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)')', (byte)'N', (byte)'a', (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'}', (byte)'(', (byte)'N', (byte)'u', (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'N', (byte)'N', (byte)'R', (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)')', (byte)'}', (byte)'b', (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'N', (byte)'Q', (byte)'.'])),
        ("PickleMalformed", () => TorchBytes.Of([0x80, 2, (byte)'X', 1, 0, 0, 0, 0xff, (byte)'.'])),
        ("PickleLimit", () => TorchBytes.Of(new byte[(64 << 20) + 1])),
        ("PickleLimit", () => TorchBytes.Of([0x80, 2, .. Enumerable.Repeat((byte)'N', 1_000_001), (byte)'.'])),
        ("PickleLimit", () => TorchBytes.Of([0x80, 2, .. Enumerable.Repeat((byte)'(', 1_000_001), (byte)'.'])),
        ("PickleLimit", () => TorchBytes.Of([0x80, 2, (byte)'N', .. Enumerable.Repeat((byte)0x94, 2_000_001), (byte)'.'])),
        ("PickleLimit", () => TorchBytes.Of([0x80, 2, .. Enumerable.Range(0, 4_000_000).Select(i => (byte)(i % 2 == 0 ? 'N' : '0')), (byte)'}', (byte)'.'])),
        ("PickleLimit", () => TorchBytes.Of(new PickleBuilder().Text(new string('x', (1 << 20) + 1)).Stop())),
        ("PickleLimit", () => TorchBytes.Of(new PickleBuilder().Global(new string('m', 257), "x").Stop())),
        ("PickleLimit", () => TorchBytes.OfValue(p => p.Text(new string('m', 257)).Text("x").Raw(0x93))),
        ("PickleLimit", () => TorchBytes.OfValue(p => p.Text("torch").Text(new string('n', 257)).Raw(0x93))),
        ("PickleLimit", () => TorchBytes.OfValue(p => p.Tensor("FloatStorage", new string('k', 1025), 4, 0, [4], [1]), TorchBytes.FourFloats())),
    ];

    private static IEnumerable<(string, Func<byte[]>)> Calls() =>
    [
        ("UnsafeGlobal", () => TorchBytes.OfValue(p => p.Global("os", "system").Text("true").Raw(0x85).Op('R'))),
        ("UnsafeGlobal", () => TorchBytes.OfValue(p => p.Global("torch.storage", "_load_from_bytes").Op('C').Raw(1, 0).Raw(0x85).Op('R'))),
        ("UnsafeGlobal", () => TorchBytes.OfValue(p => p.Text("builtins").Text("eval").Raw(0x93).Op(')').Raw(0x81).Op('}').Op('b'))),
        ("UnsafeGlobal", () => TorchBytes.OfValue(p => p.Op('(').Op('i').Raw("os\nsystem\n"u8.ToArray()))),
        ("UnsafeGlobal", () => TorchBytes.OfValue(p => p.Global("torch", "FloatStorage.__init__.__globals__"))),
        ("UnsafeGlobal", () => TorchBytes.OfValue(p => p.Global("collections ", "OrderedDict"))),
        ("UnsupportedGlobal", () => TorchBytes.OfValue(p => p.Global("torch._utils", "_rebuild_qtensor").Op(')').Op('R'))),
        ("BadCall", () => TorchBytes.OfValue(p => p.Global("torch._utils", "_rebuild_tensor_v2").Op(')').Op('R'))),
        ("BadCall", () => TorchBytes.OfValue(p => p.Global("collections", "OrderedDict").Op('N').Raw(0x85).Op('R'))),
        ("BadCall", () => TorchBytes.OfValue(p => p.Global("torch", "FloatStorage").Op(')').Op('R'))),
        ("BadCall", () => TorchBytes.OfValue(p => p.Global("torch._utils", "_rebuild_parameter").Op('N').Op('N').Op('N').Raw(0x87).Op('R'))),
        ("BadCall", () => TorchBytes.OfValue(p => p.Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage("torch.storage.UntypedStorage", "0", 16).Integer(0).Integers(4).Integers(1).Raw(0x89).Op('N').Op('t').Op('R'))),
    ];

    private static IEnumerable<(string, Func<byte[]>)> Tensors() =>
    [
        ("StorageMissing", () => TorchBytes.OfValue(p => p.Tensor("FloatStorage", "../0", 4, 0, [4], [1]), TorchBytes.FourFloats())),
        ("StorageSize", () => TorchBytes.OfTensor(0, [4], [1], numel: 5)),
        ("StorageSize", () => TorchBytes.OfTensor(0, [3], [1], numel: 3)),
        ("StorageSize", () => TorchBytes.OfValue(p => p.Tensor("FloatStorage", "0", 4, 0, [4], [1]), [.. TorchBytes.FourFloats(), 0])),
        ("UnsupportedType", () => TorchBytes.OfTensor(0, [2], [1], 2, "ComplexFloatStorage")),
        ("UnsupportedType", () => TorchBytes.OfTensor(0, [16], [1], 16, "QInt8Storage")),
        ("UnsupportedType", () => TorchBytes.OfValue(p => Typed(p, "float8_e4m3fn"), TorchBytes.FourFloats())),
        ("UnsupportedType", () => TorchBytes.OfValue(p => p.Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage("FloatStorage", "0", 4).Integer(0).Integers(4).Integers(1).Raw(0x89).Op('N').Op('}').Text("neg").Raw(0x88).Op('s').Op('t').Op('R'), TorchBytes.FourFloats())),
        ("BadGeometry", () => TorchBytes.OfTensor(0, [4], [1, 1])),
        ("BadGeometry", () => TorchBytes.OfTensor(0, [-4], [1])),
        ("BadGeometry", () => TorchBytes.OfTensor(3, [4], [-1])),
        ("BadGeometry", () => TorchBytes.OfTensor(-1, [4], [1])),
        ("BadGeometry", () => TorchBytes.OfTensor(0, [1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1])),
        ("BadGeometry", () => TorchBytes.OfTensor(0, [long.MaxValue], [0])),
        ("BadGeometry", () => TorchBytes.OfTensor(0, [long.MaxValue, 3], [0, 0])),
        ("BadGeometry", () => TorchBytes.OfTensor(long.MaxValue, [2, 2], [long.MaxValue, long.MaxValue])),
        ("OutsideStorage", () => TorchBytes.OfTensor(1, [4], [1])),
        ("OutsideStorage", () => TorchBytes.OfTensor(0, [2, 2], [3, 1])),
        ("OutsideStorage", () => TorchBytes.OfTensor(long.MaxValue, [1], [1])),
        ("ViewTooLarge", () => TorchBytes.OfTensor(0, [(1L << 30) + 1], [0])),
        ("ViewTooLarge", () => TorchBytes.Of(
            new PickleBuilder().Op('}').Op('(').Text("v").Tensor("FloatStorage", "0", 4, 0, [1L << 29], [0])
                .Text("w").Tensor("FloatStorage", "0", 4, 0, [(1L << 29) + 1], [0]).Op('u').Stop(),
            TorchBytes.FourFloats())),
    ];

    private static IEnumerable<(string, Func<byte[]>)> Dictionaries() =>
    [
        ("NoStateDict", () => TorchBytes.Of(Empty())),
        ("NoStateDict", () => TorchBytes.Of([0x80, 2, (byte)'N', (byte)'.'])),
        ("NoStateDict", () => TorchBytes.OfValue(p => p.Op('N'))),
        ("BadName", () => TorchBytes.Of(PickleBuilder.StateDict(4, new string('n', 1025)), TorchBytes.FourFloats())),
        ("NameClash", () => TorchBytes.Of(PickleBuilder.StateDict(4, "w", "w"), TorchBytes.FourFloats())),
        ("TooDeep", Cycle),
        ("TooDeep", () => Nested(33)),
        ("TooDeep", Bomb),
        ("TensorsIgnored", () => TorchBytes.Of(
            new PickleBuilder().Op('}').Op('(').Text("model").Op('}').Text("w").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('s')
                .Text("ema").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('u').Stop(),
            TorchBytes.FourFloats())),
        ("PrefixRemoved", () => TorchBytes.Of(PickleBuilder.StateDict(4, "module.w.weight"), TorchBytes.FourFloats())),
    ];

    private static byte[] Empty() => [0x80, 2, (byte)'}', (byte)'.'];

    private static byte[] Good() => TorchBytes.Of(PickleBuilder.StateDict(4, "w"), TorchBytes.FourFloats());

    private static byte[] Zip64() => new ZipBuilder(zip64: true).Add("a/data.pkl", Empty()).Build();

    private static byte[] Patch(byte[] file, params int[] changes)
    {
        for (var i = 0; i < changes.Length; i += 2)
            file[changes[i]] = (byte)changes[i + 1];
        return file;
    }

    /// <summary>The data of the first entry are the whole second entry.</summary>
    private static byte[] Overlapping()
    {
        var inner = ZipBuilder.LocalHeader("a/version", 0, 0, 0u);
        return ZipBuilder.Of(
            new ZipItem("a/b", [.. inner]),
            new ZipItem("a/version", []) { HeaderOffset = ZipBuilder.LocalHeader("a/b", 0, 0, 0u).Length },
            new ZipItem("a/data.pkl", Empty()));
    }

    private static byte[] Cycle() => TorchBytes.Of(
        new PickleBuilder().Op('}').Op('q').Raw(0).Text("w").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('s').Text("self").Op('h').Raw(0).Op('s').Stop(),
        TorchBytes.FourFloats());

    private static byte[] Nested(int depth)
    {
        var pickle = new PickleBuilder();
        for (var i = 0; i < depth; i++)
            pickle.Op('}').Text("d");
        pickle.Tensor("FloatStorage", "0", 4, 0, [4], [1]);
        for (var i = 0; i < depth; i++)
            pickle.Op('s');
        return TorchBytes.Of(pickle.Stop(), TorchBytes.FourFloats());
    }

    /// <summary>Thirty dictionaries, each holding the one before twice.</summary>
    private static byte[] Bomb()
    {
        var pickle = new PickleBuilder().Op('}').Op('q').Raw(0).Op('0');
        for (byte i = 1; i < 30; i++)
            pickle.Op('}').Op('q').Raw(i).Text("a").Op('h').Raw((byte)(i - 1)).Op('s').Text("b").Op('h').Raw((byte)(i - 1)).Op('s').Op('0');
        pickle.Op('h').Raw(29).Text("w").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('s');
        return TorchBytes.Of(pickle.Stop(), TorchBytes.FourFloats());
    }

    private static PickleBuilder Typed(PickleBuilder pickle, string type) =>
        pickle.Global("torch._utils", "_rebuild_tensor_v3").Op('(').Storage("torch.storage.UntypedStorage", "0", 16)
            .Integer(0).Integers(4).Integers(1).Raw(0x89).Op('N').Global("torch", type).Op('t').Op('R');
}
