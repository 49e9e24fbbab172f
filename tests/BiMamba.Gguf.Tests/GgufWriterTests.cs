using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;
using BiMamba.Formats.Spec;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Gguf.Tests;

/// <summary>Files read back through <c>formats/gguf.spec</c>.</summary>
public sealed class GgufWriterTests
{
    private static readonly KeyValuePair<string, GgufValue>[] EveryValue =
    [
        new("general.architecture", "mamba2"),
        new("v.uint8", (byte)200),
        new("v.int8", (sbyte)-7),
        new("v.uint16", (ushort)60_000),
        new("v.int16", (short)-300),
        new("v.uint32", 4_000_000_000u),
        new("v.int32", -70_000),
        new("v.float32", 1e-5f),
        new("v.bool", true),
        new("v.uint64", ulong.MaxValue),
        new("v.int64", long.MinValue),
        new("v.float64", -0.1),
        new("a.strings", GgufValue.Strings(["<s>", "", "é"])),
        new("a.integers", GgufValue.Integers([1, -2])),
        new("a.floats", GgufValue.Floats([0, float.NegativeInfinity])),
        new("a.empty", GgufValue.Strings([])),
        new("a.nested", GgufValue.ListOf(GgufValue.ListOf((byte)1, (byte)2), GgufValue.ListOf(true))),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_type_of_value_is_read_back()
    {
        using var folder = new TemporaryFolder();
        var lines = Print(Write(folder["a.gguf"], EveryValue, []));
        var values = lines.Where(line => line.Field.StartsWith("metadata[", StringComparison.Ordinal) && line.Field.Contains("].value", StringComparison.Ordinal)).Select(line => line.Value);
        Assert.Equal(
            ["\"mamba2\"", "200", "-7", "60000", "-300", "4000000000", "-70000", "1e-05", "true", "18446744073709551615", "-9223372036854775808", "-0.1",
                "string", "3", "[\"<s>\", \"\", \"é\"]", "int32", "2", "[1, -2]", "float32", "2", "[0.0, -inf]", "string", "0", "[]",
                "array", "2", "uint8", "2", "[1, 2]", "bool", "1", "[true]"],
            values);
    }

    [Fact]
    public void Every_type_of_tensor_is_read_back()
    {
        using var folder = new TemporaryFolder();
        var values = BlockEncoderTests.Random(3 * 512, 5);
        var tensors = GgmlType.All.Select(type => new GgufTensor("t." + type.Name, type, MemoryTensor.Of(values, Shape.Of(3, 512)))).ToArray();
        var path = folder["a.gguf"];
        var tree = Write(path, [], tensors);
        var bytes = File.ReadAllBytes(path);
        var data = (int)tree.Root.Find("data")!.Offset;
        Assert.Equal(0, data % 32);
        foreach (var (tensor, row) in tensors.Zip(tree.Root.Items("tensors").Cast<SpecRecordNode>()))
        {
            Assert.Equal((tensor.Name, tensor.Type.Name), (row.Text("name"), row.Word("type")));
            Assert.Equal([512L, 3L], row.Items("dims").Cast<SpecIntegerNode>().Select(dim => dim.Int64));
            Assert.Equal(BlockEncoderTests.Encode(tensor.Type, values), bytes.AsSpan(data + (int)row.Integer("offset"), (int)tensor.ByteLength));
        }
    }

    [Fact]
    public void The_table_of_types_is_that_of_the_spec()
    {
        using var folder = new TemporaryFolder();
        foreach (var type in GgmlType.All)
        {
            // The reader computes the place of the second tensor from its own block sizes.
            var tensor = MemoryTensor.Of(new float[5 * 256], Shape.Of(5, 256));
            var tree = Write(folder[type.Name], [], [new("a", type, tensor), new("b", type, tensor)]);
            Assert.Equal(type.Name, ((SpecRecordNode)tree.Root.Items("tensors")[1]).Word("type"));
        }
    }

    [Fact]
    public void A_scalar_and_a_vector_have_their_dimensions_and_padding()
    {
        using var folder = new TemporaryFolder();
        var tree = Write(folder["a.gguf"], [], [new("s", GgmlType.F32, MemoryTensor.Of([1], Shape.Of())), new("v", GgmlType.F16, MemoryTensor.Vector([1, 2, 3]))]);
        var rows = tree.Root.Items("tensors").Cast<SpecRecordNode>().ToArray();
        Assert.Equal((0L, 0L), (rows[0].Integer("dim_count"), rows[0].Integer("offset")));
        Assert.Equal((1L, 32L), (rows[1].Integer("dim_count"), rows[1].Integer("offset")));
        Assert.Equal(64, tree.Root.Find("data")!.Size);
    }

    [Fact]
    public void Pieces_do_not_show_in_the_bytes()
    {
        // More elements than a piece has, in rows that do not divide one.
        var values = BlockEncoderTests.Random(3 * 512 * 300, 6);
        using var folder = new TemporaryFolder();
        var tensor = new GgufTensor("t", GgmlType.Q8, MemoryTensor.Of(values, Shape.Of(300, 3 * 512)));
        var tree = Write(folder["a.gguf"], [], [tensor]);
        Assert.Equal(BlockEncoderTests.Encode(GgmlType.Q8, values), File.ReadAllBytes(folder["a.gguf"])[(int)tree.Root.Find("data")!.Offset..]);
    }

    [Fact]
    public void A_file_is_not_overwritten_unasked()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.gguf"], "mine");
        var diagnostics = new DiagnosticBag();
        Assert.False(GgufWriter.Write(folder["a.gguf"], [], [], false, diagnostics, Token));
        Assert.Equal(OutputDiagnostics.Exists.Id, Assert.Single(diagnostics.Items).Id);
        Assert.Equal("mine", File.ReadAllText(folder["a.gguf"]));
        Assert.True(GgufWriter.Write(folder["a.gguf"], [], [], true, diagnostics, Token));
    }

    [Fact]
    public void Cancelling_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var tensor = new GgufTensor("t", GgmlType.F32, MemoryTensor.Vector([1]));
        Assert.Throws<OperationCanceledException>(() => GgufWriter.Write(folder["a.gguf"], [], [tensor], false, new DiagnosticBag(), new CancellationToken(true)));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void What_the_format_cannot_hold_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new GgufTensor("", GgmlType.F32, MemoryTensor.Vector([1])));
        Assert.Throws<ArgumentException>(() => new GgufTensor(new string('x', 65), GgmlType.F32, MemoryTensor.Vector([1])));
        Assert.Throws<ArgumentException>(() => new GgufTensor("t", GgmlType.F32, MemoryTensor.Of([1], Shape.Of(1, 1, 1, 1, 1))));
        Assert.Throws<ArgumentException>(() => new GgufTensor("t", GgmlType.Q1, MemoryTensor.Of(new float[256], Shape.Of(4, 64))));
        Assert.Throws<ArgumentException>(() => new GgufTensor("t", GgmlType.Q8, MemoryTensor.Of([1], Shape.Of())));
        Assert.Throws<ArgumentException>(() => GgufValue.ListOf());
        Assert.Throws<ArgumentException>(() => GgufValue.ListOf(1, "one"));
        var tensor = new GgufTensor("t", GgmlType.F32, MemoryTensor.Vector([1]));
        Assert.Throws<ArgumentException>(() => GgufWriter.Write("a", [], [tensor, tensor], false, new DiagnosticBag(), Token));
        Assert.Throws<ArgumentException>(() => GgufWriter.Write("a", [new("k", 1), new("k", 2)], [], false, new DiagnosticBag(), Token));
        Assert.Throws<ArgumentException>(() => GgufWriter.Write("a", [new("general.alignment", 64u)], [], false, new DiagnosticBag(), Token));
    }

    private static SpecTree Write(string path, IReadOnlyList<KeyValuePair<string, GgufValue>> metadata, IReadOnlyList<GgufTensor> tensors)
    {
        var diagnostics = new DiagnosticBag();
        Assert.True(GgufWriter.Write(path, metadata, tensors, false, diagnostics, Token));
        var tree = SpecReader.Read(FormatTable.Gguf.Spec, SpecSource.Of(path, File.ReadAllBytes(path)), diagnostics);
        Assert.Empty(diagnostics.Items);
        return tree;
    }

    private static IReadOnlyList<SpecRow> Print(SpecTree tree) => [.. SpecInspector.Rows(tree)];
}
