using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Safetensors;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Readers.Tests.Safetensors;

/// <summary>What the writer writes and refuses.</summary>
public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_bytes_are_these()
    {
        var tensors = Named(("b", Bytes(ElementType.U8, 3, 7)), ("a", Bytes(ElementType.F32, 1)), ("c", Bytes(ElementType.F32, 1, 2)), ("ü", Bytes(ElementType.U8, 0)));
        Assert.True(Write(tensors, new Dictionary<string, string> { ["z"] = "1", ["f"] = "p\"t" }));
        const string Header = """{"__metadata__":{"f":"p\"t","z":"1"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"c":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]},"b":{"dtype":"U8","shape":[3,7],"data_offsets":[12,33]},"ü":{"dtype":"U8","shape":[0],"data_offsets":[33,33]}}""";
        var file = File.ReadAllBytes(folder["x"]);
        var length = (int)BitConverter.ToInt64(file);
        Assert.Equal(0, length % 8);
        Assert.Equal(Header, Encoding.UTF8.GetString(file, 8, length).TrimEnd(' '));
        Assert.Equal([.. tensors[1].Value.ToBytes(), .. tensors[2].Value.ToBytes(), .. tensors[0].Value.ToBytes()], file[(8 + length)..]);
    }

    [Fact]
    public void The_order_of_the_input_does_not_matter()
    {
        var tensors = Named(("b", Bytes(ElementType.U8, 3)), ("a", Bytes(ElementType.BF16, 4)), ("c", Bytes(ElementType.F64, 2)));
        Assert.True(Write(tensors, null));
        var first = File.ReadAllBytes(folder["x"]);
        Assert.True(Write([.. tensors.Reverse()], null, force: true));
        Assert.Equal(first, File.ReadAllBytes(folder["x"]));
    }

    [Fact]
    public void Tensors_without_a_span_are_streamed_in_pieces()
    {
        var storage = Bytes(ElementType.I32, 3_000_000);
        var view = new StridedTensor(storage, 0, Shape.Of(1_500_000), [2]);
        var counting = new CountingTensor(view);
        Assert.True(Write(Named(("x", counting)), null));
        Assert.InRange(counting.Largest, 1, 1 << 20);
        var diagnostics = new DiagnosticBag();
        using var archive = SafetensorsReader.OpenFile(folder["x"], diagnostics);
        Assert.True(archive!.Tensors["x"].Tensor.ContentEquals(view));
    }

    [Fact]
    public void An_existing_file_is_replaced_only_by_force()
    {
        File.WriteAllText(folder["x"], "old");
        var tensors = Named(("a", Bytes(ElementType.U8, 1)));
        var diagnostics = new DiagnosticBag();
        Assert.False(SafetensorsWriter.Write(folder["x"], tensors, null, force: false, diagnostics, Token));
        Assert.Equal(OutputDiagnostics.Exists, Assert.Single(diagnostics.Items).Descriptor);
        Assert.Equal("old", File.ReadAllText(folder["x"]));
        Assert.True(Write(tensors, null, force: true));
    }

    [Fact]
    public void A_failing_disk_leaves_nothing_behind()
    {
        var diagnostics = new DiagnosticBag();
        Assert.False(SafetensorsWriter.Write(folder["x"], Named(("a", new FailingTensor())), null, force: false, diagnostics, Token));
        var diagnostic = Assert.Single(diagnostics.Items);
        Assert.Equal(OutputDiagnostics.NotWritable, diagnostic.Descriptor);
        Assert.Contains("No space left on device", diagnostic.Message, StringComparison.Ordinal);
        Assert.False(SafetensorsWriter.WriteSharded(folder.Path, Named(("a", Bytes(ElementType.U8, 1)), ("b", new FailingTensor())), null, 1, force: false, diagnostics, Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_cancelled_write_leaves_nothing_behind()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var tensors = Named(("a", Bytes(ElementType.U8, 1)));
        Assert.Throws<OperationCanceledException>(() => SafetensorsWriter.Write(folder["x"], tensors, null, force: false, new DiagnosticBag(), source.Token));
        Assert.Throws<OperationCanceledException>(() => SafetensorsWriter.WriteSharded(folder.Path, tensors, null, 1, force: false, new DiagnosticBag(), source.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Names_that_a_reader_would_refuse_are_not_written()
    {
        var tensor = Bytes(ElementType.U8, 1);
        var tensors = Named(("a", tensor), ("a", tensor), ("__metadata__", tensor), (new string('é', 513), tensor), ("\ud800", tensor));
        var diagnostics = new DiagnosticBag();
        Assert.False(SafetensorsWriter.Write(folder["x"], tensors, new Dictionary<string, string> { ["k"] = "\udc00" }, force: false, diagnostics, Token));
        Assert.Equal(5, diagnostics.Items.Count);
        Assert.All(diagnostics.Items, diagnostic => Assert.Equal(SafetensorsDiagnostics.WriteName, diagnostic.Descriptor));
        Assert.False(File.Exists(folder["x"]));
    }

    [Fact]
    public void A_header_over_the_cap_is_not_written()
    {
        var megabyte = new string('x', 1_000_000);
        var metadata = Enumerable.Range(0, 100).ToDictionary(i => $"{i}", _ => megabyte);
        var diagnostics = new DiagnosticBag();
        Assert.False(SafetensorsWriter.Write(folder["x"], [], metadata, force: false, diagnostics, Token));
        Assert.Equal(SafetensorsDiagnostics.WriteHeaderTooLarge, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Fact]
    public void Shards_hold_what_fits_and_the_index_is_true()
    {
        var tensors = Named(("d", Bytes(ElementType.U8, 4)), ("a", Bytes(ElementType.U8, 6)), ("b", Bytes(ElementType.U8, 4)), ("c", Bytes(ElementType.U8, 11)));
        var output = folder["sub/model"];
        var diagnostics = new DiagnosticBag();
        Assert.True(SafetensorsWriter.WriteSharded(output, tensors, new Dictionary<string, string> { ["format"] = "pt" }, 10, force: false, diagnostics, Token));
        Assert.Equal(
            ["model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors", "model.safetensors.index.json"],
            Directory.EnumerateFiles(output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(
            """
            {
              "metadata": {
                "total_size": 25
              },
              "weight_map": {
                "a": "model-00001-of-00003.safetensors",
                "b": "model-00001-of-00003.safetensors",
                "c": "model-00002-of-00003.safetensors",
                "d": "model-00003-of-00003.safetensors"
              }
            }

            """.ReplaceLineEndings("\n"),
            File.ReadAllText(Path.Combine(output, "model.safetensors.index.json")));
        using var archive = SafetensorsReader.OpenSharded(Path.Combine(output, "model.safetensors.index.json"), diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.All(tensors, pair => Assert.True(archive!.Tensors[pair.Key].Tensor.ContentEquals(pair.Value)));
    }

    [Fact]
    public void One_shard_is_a_plain_file_and_existing_shards_are_not_overwritten()
    {
        var tensors = Named(("a", Bytes(ElementType.U8, 6)), ("b", Bytes(ElementType.U8, 4)));
        var diagnostics = new DiagnosticBag();
        Assert.True(SafetensorsWriter.WriteSharded(folder.Path, tensors, null, 10, force: false, diagnostics, Token));
        Assert.Equal([folder["model.safetensors"]], Directory.EnumerateFiles(folder.Path));
        File.WriteAllText(folder["model-00002-of-00002.safetensors"], "old");
        Assert.False(SafetensorsWriter.WriteSharded(folder.Path, tensors, null, 9, force: false, diagnostics, Token));
        Assert.Equal(OutputDiagnostics.Exists, Assert.Single(diagnostics.Items).Descriptor);
        Assert.Equal([folder["model-00002-of-00002.safetensors"], folder["model.safetensors"]], Directory.EnumerateFiles(folder.Path).Order(StringComparer.Ordinal));
    }

    private bool Write(IReadOnlyList<KeyValuePair<string, Tensor>> tensors, Dictionary<string, string>? metadata, bool force = false)
    {
        var diagnostics = new DiagnosticBag();
        var written = SafetensorsWriter.Write(folder["x"], tensors, metadata, force, diagnostics, Token);
        Assert.Empty(diagnostics.Items);
        return written;
    }

    private static KeyValuePair<string, Tensor>[] Named(params (string Name, Tensor Tensor)[] tensors) =>
        [.. tensors.Select(pair => KeyValuePair.Create(pair.Name, pair.Tensor))];

    private static MemoryTensor Bytes(ElementType type, params long[] dims)
    {
        var shape = Shape.Of(dims);
        return new MemoryTensor(Enumerable.Range(0, (int)shape.Count * type.Size()).Select(i => (byte)(i * 7)).ToArray(), type, shape);
    }

    private sealed class CountingTensor(Tensor inner) : Tensor(inner.Type, inner.Shape)
    {
        public int Largest { get; private set; }

        public override void Read(long offset, Span<byte> destination)
        {
            Largest = Math.Max(Largest, destination.Length);
            inner.Read(offset, destination);
        }
    }

    private sealed class FailingTensor() : Tensor(ElementType.U8, Shape.Of(10))
    {
        public override void Read(long offset, Span<byte> destination) => throw new IOException("No space left on device");
    }
}
