using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;
using BiMamba.Formats.Spec;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Gguf.Tests;

/// <summary>Sound files, and one broken file for each rule.</summary>
public sealed class GgufReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Values_are_what_was_written()
    {
        using var folder = new TemporaryFolder();
        KeyValuePair<string, GgufValue>[] metadata =
        [
            new("u8", (byte)200), new("i8", (sbyte)-7), new("u16", (ushort)60_000), new("i16", (short)-300), new("u32", 4_000_000_000u), new("i32", -70_000),
            new("u64", ulong.MaxValue), new("i64", long.MinValue), new("f32", 1e-5f), new("f64", -0.1), new("t", true), new("s", "é"),
            new("strings", GgufValue.Strings(["<s>", "", "é"])), new("ints", GgufValue.Integers([1, -2])), new("floats", GgufValue.Floats([0.5f])),
            new("empty", GgufValue.Strings([])), new("nested", GgufValue.ListOf(GgufValue.ListOf((byte)1, (byte)2), GgufValue.ListOf(true))),
        ];
        using var file = Write(folder["a.gguf"], metadata, []);
        Assert.Equal(metadata.Select(pair => pair.Key), file.Metadata.Select(pair => pair.Key));
        Assert.Equal(metadata.Select(pair => pair.Value.Type), file.Metadata.Select(pair => pair.Value.Type));
        Assert.Equal([200L, -7L, 60_000L, -300L, 4_000_000_000L, -70_000L, null, long.MinValue, null], metadata.Take(9).Select(pair => file.Find(pair.Key)!.AsInteger()));
        Assert.Equal((double)ulong.MaxValue, file.Find("u64")!.AsNumber());
        Assert.Equal((1e-5f, -0.1), ((float)file.Find("f32")!.AsNumber()!.Value, file.Find("f64")!.AsNumber()));
        Assert.Equal((true, "é", null, null), (file.Find("t")!.AsTruth(), file.Find("s")!.AsText(), file.Find("s")!.AsInteger(), file.Find("t")!.AsNumber()));
        Assert.Equal(["<s>", "", "é"], file.Find("strings")!.AsArray()!.Select(item => item.AsText()));
        Assert.Equal([1L, -2L], file.Find("ints")!.AsArray()!.Select(item => item.AsInteger()));
        Assert.Equal(0.5, Assert.Single(file.Find("floats")!.AsArray()!).AsNumber());
        Assert.Empty(file.Find("empty")!.AsArray()!);
        Assert.Equal([2L, 1L], file.Find("nested")!.AsArray()!.Select(item => (long)item.AsArray()!.Count));
        Assert.Null(file.Find("none"));
    }

    [Fact]
    public void What_was_read_is_written_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        KeyValuePair<string, GgufValue>[] metadata = [new("strings", GgufValue.Strings(["a", "b"])), new("ints", GgufValue.Integers([1])), new("nested", GgufValue.ListOf(GgufValue.ListOf(true)))];
        var tensor = MemoryTensor.Of(BlockEncoderTests.Random(64, 1), Shape.Of(2, 32));
        using var file = Write(folder["a.gguf"], metadata, [new("f", GgmlType.F32, tensor), new("h", GgmlType.F16, tensor)]);
        using var again = Write(folder["b.gguf"], file.Metadata, [.. file.Tensors.Select(entry => new GgufTensor(entry.Name, GgmlType.Find(entry.Layout.Name)!, entry.Tensor!))]);
        Assert.Equal(File.ReadAllBytes(folder["a.gguf"]), File.ReadAllBytes(folder["b.gguf"]));
    }

    [Fact]
    public void Tensors_have_their_names_shapes_and_bytes()
    {
        using var folder = new TemporaryFolder();
        var values = BlockEncoderTests.Random(3 * 512, 5);
        using var file = Write(folder["a.gguf"], [], [.. GgmlType.All.Select(type => new GgufTensor("t." + type.Name, type, MemoryTensor.Of(values, Shape.Of(3, 512))))]);
        var bytes = File.ReadAllBytes(folder["a.gguf"]);
        foreach (var type in GgmlType.All)
        {
            var entry = file.FindTensor("t." + type.Name)!;
            Assert.Equal((type.Name, "[3,512]"), (entry.Layout.Name, entry.Shape.ToString()));
            Assert.Equal(BlockEncoderTests.Encode(type, values), bytes.AsSpan((int)entry.Offset, (int)entry.ByteLength).ToArray());
            Assert.Equal(GgmlDecoder.Decode(type, bytes.AsSpan((int)entry.Offset, (int)entry.ByteLength)), entry.Tensor!.ToSingles());
        }

        Assert.Null(file.FindTensor("none"));
    }

    [Fact]
    public void The_table_of_types_is_that_of_the_spec()
    {
        var words = FormatTable.Gguf.Spec.FindEnum("ggml_type")!.Members;
        Assert.Equal(words.Select(word => (word.Name, (long)word.Value, Block: (long)word.Block)), GgmlLayout.All.Select(row => (row.Name, (long)row.Number, Block: (long)row.BlockElements)));
        Assert.Equal(words.Select(word => word.Size!.ToString()), GgmlLayout.All.Select(row => row switch
        {
            { BlockElements: 1, BlockBytes: 1 } => "elements",
            { BlockElements: 1 } => string.Create(CultureInfo.InvariantCulture, $"elements * {row.BlockBytes}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"blocks * {row.BlockBytes}"),
        }));
    }

    [Fact]
    public void Version_2_another_alignment_and_bytes_behind_the_last_tensor_are_sound()
    {
        using var folder = new TemporaryFolder();
        var bytes = GgufBytes.Head(2, 1, 2).Text("general.alignment").U32(4, 8).Tensor("s", 0, 0).Tensor("z", 1, 8, 0, 3).Align(8).U32(0x3f800000).Raw(new byte[12]).ToArray();
        File.WriteAllBytes(folder["a.gguf"], bytes);
        var diagnostics = new DiagnosticBag();
        using var file = GgufReader.Open(folder["a.gguf"], diagnostics)!;
        Assert.Empty(diagnostics.Items);
        Assert.Equal((2u, 8L), (file.Version, file.Alignment));
        Assert.Equal([1f], file.Tensors[0].Tensor!.ToSingles());
        Assert.Equal("[3,0]", file.Tensors[1].Shape.ToString());
    }

    [Fact]
    public void Long_lists_of_strings_stay_in_the_file()
    {
        using var folder = new TemporaryFolder();
        using var file = Write(folder["a.gguf"], [new("tokens", GgufValue.Strings(Enumerable.Range(0, 200_000).Select(i => "token " + i.ToString(CultureInfo.InvariantCulture))))], []);
        var tokens = file.Find("tokens")!.AsArray()!;
        Assert.Equal((200_000, "token 123456"), (tokens.Count, tokens[123_456].AsText()));
        var before = GC.GetAllocatedBytesForCurrentThread();
        GgufReader.Open(folder["a.gguf"], new DiagnosticBag())!.Dispose();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    public static TheoryData<string, string, int> Broken => new()
    {
        { "empty", "BIM4004", 4 }, { "signature", "BIM4001", 4 }, { "version 1", "BIM4002", 5 }, { "version 4", "BIM4002", 5 }, { "big-endian", "BIM4002", 5 },
        { "pair count", "BIM4004", 4 }, { "tensor count", "BIM4004", 4 }, { "empty key", "BIM4006", 4 }, { "long key", "BIM4006", 4 }, { "key of other bytes", "BIM4009", 4 },
        { "same key", "BIM4017", 4 }, { "value type", "BIM4003", 5 }, { "bool", "BIM4007", 4 }, { "bools", "BIM4007", 4 }, { "string of other bytes", "BIM4009", 4 },
        { "strings of other bytes", "BIM4009", 4 }, { "string length", "BIM4004", 4 }, { "array count", "BIM4004", 4 }, { "array nesting", "BIM4006", 4 }, { "array type", "BIM4003", 5 },
        { "alignment of another type", "BIM4006", 4 }, { "alignment 24", "BIM4006", 4 }, { "alignment 4", "BIM4006", 4 },
        { "empty name", "BIM4006", 4 }, { "long name", "BIM4006", 4 }, { "same name", "BIM4017", 4 }, { "dimensions", "BIM4003", 5 }, { "huge dimension", "BIM4006", 4 },
        { "product", "BIM4012", 4 }, { "bytes", "BIM4006", 4 }, { "row", "BIM4006", 4 }, { "tensor type", "BIM4003", 5 }, { "first offset", "BIM4005", 4 }, { "hole", "BIM4005", 4 },
        { "overlap", "BIM4005", 4 }, { "padding", "BIM4010", 4 }, { "padding over the end", "BIM4004", 4 }, { "tensor over the end", "BIM4004", 4 },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_rule_is_named_and_the_spec_agrees(string what, string id, int exitCode)
    {
        using var folder = new TemporaryFolder();
        var bytes = Break(what);
        File.WriteAllBytes(folder["x.gguf"], bytes);
        var diagnostics = new DiagnosticBag();
        Assert.Null(GgufReader.Open(folder["x.gguf"], diagnostics));
        var error = Assert.Single(diagnostics.Items);
        Assert.True(error.Id == id, error.ToString());
        Assert.Equal((exitCode, folder["x.gguf"]), ((int)error.Descriptor.ExitCode, error.Place.File));
        Assert.NotNull(error.Place.Offset);
        Assert.NotNull(error.Hint);
        Assert.Contains("expected", error.Message, StringComparison.Ordinal);
        Assert.Contains("found", error.Message, StringComparison.Ordinal);
        var ofSpec = new DiagnosticBag();
        SpecReader.Read(FormatTable.Gguf.Spec, SpecSource.Of("x", bytes), ofSpec);
        Assert.Equal(id, Assert.Single(ofSpec.Items).Id);
    }

    [Fact]
    public void All_errors_are_collected_with_their_tensors()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.gguf"], GgufBytes.Head(3, 1).Text("").U32(0).Raw([1]).Tensor("a", 99, 0, 32).Tensor("b", 2, 0, 33).Tensor("b", 0, 0, 1).Align().Raw(new byte[64]).ToArray());
        var diagnostics = new DiagnosticBag();
        Assert.Null(GgufReader.Open(folder["x.gguf"], diagnostics));
        Assert.Equal(["BIM4006", "BIM4003", "BIM4006", "BIM4017"], diagnostics.Items.Select(item => item.Id));
        Assert.Equal([null, "a", "b", "b"], diagnostics.Items.Select(item => item.Place.Tensor));
    }

    [Fact]
    public void Files_of_old_kinds_are_told_apart()
    {
        Assert.Contains("big-endian", Only(new GgufBytes().Raw("FUGG"u8).ToArray()).Hint, StringComparison.Ordinal);
        Assert.Contains("before GGUF", Only(new GgufBytes().Raw("tjgg"u8).ToArray()).Hint, StringComparison.Ordinal);
        Assert.Contains("git lfs pull", Only("version https://git-lfs"u8.ToArray()).Hint, StringComparison.Ordinal);
        Assert.Contains("3 in big-endian order", Only(Break("big-endian")).Message, StringComparison.Ordinal);
        Assert.Contains("32 bits", Only(Break("version 1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(GgufReader.OpenModel("/nowhere/x.gguf", diagnostics));
        Assert.Equal(InputDiagnostics.Missing.Id, Assert.Single(diagnostics.Items).Id);
        Assert.False(GgufReader.IsGguf("/nowhere/x.gguf"));
    }

    private static byte[] Break(string what) => what switch
    {
        "empty" => [],
        "signature" => "GGML"u8.ToArray(),
        "version 1" => GgufBytes.Head(0, 0, 1).ToArray(),
        "version 4" => GgufBytes.Head(0, 0, 4).ToArray(),
        "big-endian" => GgufBytes.Head(0, 0, 3u << 24).ToArray(),
        "pair count" => GgufBytes.Head(0, 1ul << 60).Raw(new byte[100]).ToArray(),
        "tensor count" => GgufBytes.Head(ulong.MaxValue, 0).Raw(new byte[100]).ToArray(),
        "empty key" => GgufBytes.Head(0, 1).Text("").U32(4, 1).ToArray(),
        "long key" => GgufBytes.Head(0, 1).Text(new string('k', 65_536)).U32(4, 1).ToArray(),
        "key of other bytes" => GgufBytes.Head(0, 1).U64(2).Raw([0xc3, 0x28]).U32(4, 1).ToArray(),
        "same key" => GgufBytes.Head(0, 2).Text("k").U32(4, 1).Text("k").U32(4, 2).ToArray(),
        "value type" => GgufBytes.Head(0, 1).Text("k").U32(13, 1).ToArray(),
        "bool" => GgufBytes.Head(0, 1).Text("k").U32(7).Raw([2]).ToArray(),
        "bools" => GgufBytes.Head(0, 1).Text("k").U32(9, 7).U64(3).Raw([0, 1, 2]).ToArray(),
        "string of other bytes" => GgufBytes.Head(0, 1).Text("k").U32(8).U64(1).Raw([0xff]).ToArray(),
        "strings of other bytes" => GgufBytes.Head(0, 1).Text("k").U32(9, 8).U64(2).Text("a").U64(1).Raw([0xff]).ToArray(),
        "string length" => GgufBytes.Head(0, 1).Text("k").U32(8).U64(ulong.MaxValue).ToArray(),
        "array count" => GgufBytes.Head(0, 1).Text("k").U32(9, 4).U64(1ul << 62).ToArray(),
        "array nesting" => GgufBytes.Head(0, 1).Text("k").U32(9, 9).U64(1).U32(9).U64(1).U32(9).U64(1).U32(9).U64(1).U32(4).U64(0).ToArray(),
        "array type" => GgufBytes.Head(0, 1).Text("k").U32(9, 77).U64(0).ToArray(),
        "alignment of another type" => GgufBytes.Head(0, 1).Text("general.alignment").U32(10).U64(32).ToArray(),
        "alignment 24" => GgufBytes.Head(0, 1).Text("general.alignment").U32(4, 24).ToArray(),
        "alignment 4" => GgufBytes.Head(0, 1).Text("general.alignment").U32(4, 4).ToArray(),
        "empty name" => One(1, "").ToArray(),
        "long name" => One(1, new string('n', 65)).ToArray(),
        "same name" => GgufBytes.Head(2, 0).Tensor("a", 0, 0, 8).Tensor("a", 0, 32, 8).Align().Raw(new byte[64]).ToArray(),
        "dimensions" => One(0, "a", 1, 1, 1, 1, 1).ToArray(),
        "huge dimension" => One(0, "a", 1ul << 63).ToArray(),
        "product" => One(0, "a", 1ul << 62, 1ul << 62).ToArray(),
        "bytes" => One(0, "a", 1ul << 62).ToArray(),
        "row" => One(2, "a", 33).ToArray(),
        "tensor type" => One(4, "a", 32).ToArray(),
        "first offset" => GgufBytes.Head(1, 0).Tensor("a", 0, 32, 8).Align().Raw(new byte[96]).ToArray(),
        "hole" => GgufBytes.Head(2, 0).Tensor("a", 0, 0, 8).Tensor("b", 0, 64, 8).Align().Raw(new byte[128]).ToArray(),
        "overlap" => GgufBytes.Head(2, 0).Tensor("a", 0, 0, 8).Tensor("b", 0, 0, 8).Align().Raw(new byte[128]).ToArray(),
        "padding" => GgufBytes.Head(1, 0).Tensor("a", 0, 0, 8).Raw([0, 0, 1]).Align().Raw(new byte[32]).ToArray(),
        "padding over the end" => GgufBytes.Head(1, 0).Tensor("a", 0, 0, 0).ToArray(),
        "tensor over the end" => GgufBytes.Head(1, 0).Tensor("a", 0, 0, 8).Align().Raw(new byte[31]).ToArray(),
        _ => throw new ArgumentException(what, nameof(what)),
    };

    private static GgufBytes One(uint type, string name, params ReadOnlySpan<ulong> dims) => GgufBytes.Head(1, 0).Tensor(name, type, 0, dims).Align().Raw(new byte[64]);

    private static Diagnostic Only(byte[] bytes)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.gguf"], bytes);
        var diagnostics = new DiagnosticBag();
        Assert.Null(GgufReader.Open(folder["x.gguf"], diagnostics));
        return Assert.Single(diagnostics.Items);
    }

    internal static GgufFile Write(string path, IReadOnlyList<KeyValuePair<string, GgufValue>> metadata, IReadOnlyList<GgufTensor> tensors)
    {
        var diagnostics = new DiagnosticBag();
        Assert.True(GgufWriter.Write(path, metadata, tensors, false, diagnostics, Token));
        var file = GgufReader.Open(path, diagnostics);
        Assert.Empty(diagnostics.Items);
        return file!;
    }
}
