using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Safetensors;
using BiMamba.Formats.TorchPickle;
using BiMamba.Readers.Tests.Building;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Testing.Building;

namespace BiMamba.Readers.Tests.Safetensors;

/// <summary>Index and shards against each other.</summary>
public sealed class ShardIndexTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ShardIndexTests()
    {
        File.WriteAllBytes(folder["1.safetensors"], SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 1, 2));
        File.WriteAllBytes(folder["2.safetensors"], SafetensorsBytes.Of("""{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 3));
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""")]
    [InlineData("""{"metadata":{"total_size":3,"more":[{}]},"other":[1],"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""")]
    [InlineData("""{"metadata":{"total_size":3.0},"weight_map":{"b":"2.safetensors","a":"1.safetensors"}}""")]
    public void A_true_index_is_read(string index)
    {
        var (archive, diagnostics) = Open(index);
        using (archive)
        {
            Assert.Empty(diagnostics.Items);
            Assert.Equal(["a", "b"], archive!.Tensors.Keys);
            Assert.Equal([folder["1.safetensors"], folder["2.safetensors"]], archive.Files);
            Assert.Equal(folder["2.safetensors"], archive.Tensors["b"].File);
        }
    }

    [Theory]
    [InlineData("IndexNotJson", "{")]
    [InlineData("IndexNotJson", "")]
    [InlineData("IndexNotJson", """{"weight_map":{}} {}""")]
    [InlineData("IndexNotJson", """{"weight_map":{"\udc00":"1.safetensors"}}""")]
    [InlineData("IndexForm", "[]")]
    [InlineData("IndexForm", "{}")]
    [InlineData("IndexForm", """{"weight_map":["a"]}""")]
    [InlineData("IndexForm", """{"weight_map":{"a":1}}""")]
    [InlineData("IndexForm", """{"weight_map":{},"metadata":3}""")]
    [InlineData("IndexDuplicateKey", """{"weight_map":{"a":"1.safetensors","a":"1.safetensors"}}""")]
    [InlineData("IndexDuplicateKey", """{"weight_map":{},"weight_map":{}}""")]
    [InlineData("IndexShardName", """{"weight_map":{"a":"../1.safetensors"}}""")]
    [InlineData("IndexShardName", """{"weight_map":{"a":"/etc/passwd"}}""")]
    [InlineData("IndexShardName", """{"weight_map":{"a":"x\\1.safetensors"}}""")]
    [InlineData("IndexShardName", """{"weight_map":{"a":".."}}""")]
    [InlineData("IndexShardName", """{"weight_map":{"a":""}}""")]
    [InlineData("IndexShardName", """{"weight_map":{"a":"C:1.safetensors"}}""")]
    [InlineData("IndexShardName", """{"weight_map":{"a":"1\u0000.safetensors"}}""")]
    [InlineData("IndexTensorMissing", """{"weight_map":{"a":"1.safetensors","c":"1.safetensors","b":"2.safetensors"}}""")]
    [InlineData("IndexTensorUnlisted", """{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""", "2b.safetensors")]
    public void A_false_index_is_refused_by_its_row_alone(string row, string index, string? extra = null)
    {
        if (extra is not null)
            File.WriteAllBytes(folder["2.safetensors"], SafetensorsBytes.Of("""{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"c":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 3, 4));
        var (archive, diagnostics) = Open(index);
        Assert.Null(archive);
        Assert.NotEmpty(diagnostics.Items);
        Assert.All(diagnostics.Items, diagnostic => Assert.Equal(Rows.Of(typeof(SafetensorsDiagnostics))[row], diagnostic.Descriptor));
    }

    [Fact]
    public void A_syntax_error_has_line_and_column()
    {
        var (_, diagnostics) = Open("{\n  \"weight_map\": {,}\n}");
        Assert.Equal((2, 18), (diagnostics.Items[0].Place.Line, diagnostics.Items[0].Place.Column));
    }

    [Fact]
    public void A_tensor_in_another_shard_than_listed_is_reported_from_both_sides()
    {
        var (archive, diagnostics) = Open("""{"weight_map":{"a":"2.safetensors","b":"1.safetensors"}}""");
        Assert.Null(archive);
        Assert.Equal(
            ["BIM1134 b", "BIM1134 a", "BIM1135 a", "BIM1135 b"],
            diagnostics.Items.OrderBy(d => d.Id, StringComparer.Ordinal).Select(d => $"{d.Id} {d.Place.Tensor}"));
    }

    [Fact]
    public void All_missing_shards_are_listed_at_once()
    {
        var (archive, diagnostics) = Open("""{"weight_map":{"a":"3.safetensors","b":"2.safetensors","c":"4.safetensors","d":"4.safetensors"}}""");
        Assert.Null(archive);
        Assert.Equal([folder["3.safetensors"], folder["4.safetensors"]], diagnostics.Items.Select(d => d.Place.File));
        Assert.All(diagnostics.Items, diagnostic => Assert.Equal(InputDiagnostics.Missing, diagnostic.Descriptor));
    }

    [Fact]
    public void A_missing_index_is_an_input_error()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(SafetensorsReader.OpenSharded(folder["none.json"], diagnostics));
        Assert.Equal(InputDiagnostics.Missing, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Fact]
    public void A_tensor_in_two_shards_names_both()
    {
        File.WriteAllBytes(folder["2.safetensors"], File.ReadAllBytes(folder["1.safetensors"]));
        var (archive, diagnostics) = Open("""{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""");
        Assert.Null(archive);
        Assert.Contains(diagnostics.Items, diagnostic => diagnostic.Descriptor == InputDiagnostics.DuplicateTensor);
    }

    [Fact]
    public void A_wrong_total_size_is_a_warning()
    {
        var (archive, diagnostics) = Open("""{"metadata":{"total_size":4},"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""");
        using (archive)
            Assert.NotNull(archive);
        Assert.Equal(SafetensorsDiagnostics.IndexTotalSize, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Fact]
    public void A_huge_index_is_refused_unread()
    {
        using (var file = File.Create(folder["huge.json"]))
            file.SetLength(100_000_001);
        var diagnostics = new DiagnosticBag();
        Assert.Null(SafetensorsReader.OpenSharded(folder["huge.json"], diagnostics));
        Assert.Equal(SafetensorsDiagnostics.IndexTooLarge, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Fact]
    public void Torch_shards_are_read_by_their_index_with_prefixes_removed_on_both_sides()
    {
        File.WriteAllBytes(folder["1.bin"], TorchBytes.Of(PickleBuilder.StateDict(4, "module.a", "module.tied"), TorchBytes.FourFloats()));
        File.WriteAllBytes(folder["2.bin"], TorchBytes.Of(PickleBuilder.StateDict(4, "module.b"), TorchBytes.FourFloats()));
        // The size counts the two tied tensors once.
        File.WriteAllText(folder["i.json"], """{"metadata":{"total_size":32},"weight_map":{"module.a":"1.bin","module.tied":"1.bin","module.b":"2.bin"}}""");
        var diagnostics = new DiagnosticBag();
        using var archive = TorchReader.OpenSharded(folder["i.json"], diagnostics);
        Assert.All(diagnostics.Items, diagnostic => Assert.Equal(TorchDiagnostics.PrefixRemoved, diagnostic.Descriptor));
        Assert.Equal(["a", "b", "tied"], archive!.Tensors.Keys);
        Assert.Null(TorchReader.OpenFiles([folder["1.bin"], folder["1.bin"]], diagnostics));
    }

    [Fact]
    public void Torch_index_names_that_clash_without_prefix_are_refused()
    {
        File.WriteAllText(folder["i.json"], """{"weight_map":{"module.a":"1.bin","a":"1.bin"}}""");
        var diagnostics = new DiagnosticBag();
        Assert.Null(TorchReader.OpenSharded(folder["i.json"], diagnostics));
        Assert.Equal(SafetensorsDiagnostics.IndexDuplicateKey, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Theory]
    [InlineData("small-bimamba")]
    [InlineData("small-mamba2")]
    [InlineData("tiny-mamba2-hf")]
    public void The_shards_of_trained_models_are_read(string model)
    {
        var diagnostics = new DiagnosticBag();
        using var archive = SafetensorsReader.OpenSharded(Repository.RequireShared("models", model, "model.safetensors.index.json"), diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(4, archive!.Files.Count);
        Assert.All(archive.Tensors.Values, entry => Assert.Equal(ElementType.F16, entry.Tensor.Type));
    }

    private (TensorArchive? Archive, DiagnosticBag Diagnostics) Open(string index)
    {
        File.WriteAllBytes(folder["model.safetensors.index.json"], Encoding.UTF8.GetBytes(index));
        var diagnostics = new DiagnosticBag();
        return (SafetensorsReader.OpenSharded(folder["model.safetensors.index.json"], diagnostics), diagnostics);
    }
}
