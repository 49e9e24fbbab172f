using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Safetensors;
using BiMamba.Formats.TorchPickle;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Readers.Tests.Torch;

/// <summary>Files that torch.save 2.11 wrote.</summary>
public class TorchOracleTests
{
    [Fact]
    public void Every_element_type_is_read()
    {
        using var archive = Open("dtypes.bin");
        Assert.Equal(["b", "bf16", "empty", "f16", "f32", "f64", "i64", "i8", "scalar", "u8"], archive.Tensors.Keys);
        Check("f32", ElementType.F32, 6, 8);
        Check("f16", ElementType.F16, 6, 8);
        Check("bf16", ElementType.BF16, 6, 8);
        Check("f64", ElementType.F64, 6, 8);
        Check("i64", ElementType.I64, 7);
        Check("i8", ElementType.I8, 5);
        Check("u8", ElementType.U8, 5);
        Check("b", ElementType.Bool, 2);
        Check("scalar", ElementType.F32);
        Check("empty", ElementType.F32, 0, 3);

        // The same numbers were saved in all four types.
        var exact = archive.Tensors["f32"].Tensor.ToSingles();
        Assert.Equal(exact, archive.Tensors["f64"].Tensor.ToSingles());
        Assert.Equal(exact.Select(x => (float)(Half)x), archive.Tensors["f16"].Tensor.ToSingles());
        Assert.Equal(exact.Select(NearestBFloat16), archive.Tensors["bf16"].Tensor.ToSingles());
        Assert.All(archive.Tensors["b"].Tensor.ToBytes(), value => Assert.InRange(value, 0, 1));

        void Check(string name, ElementType type, params long[] dims)
        {
            var tensor = archive.Tensors[name].Tensor;
            Assert.Equal(type, tensor.Type);
            Assert.Equal(Shape.Of(dims), tensor.Shape);
        }
    }

    [Fact]
    public void Views_share_gather_and_slice_their_storage()
    {
        using var archive = Open("views.bin");
        using var expected = OpenExpected();
        var a = archive.Tensors["a"].Tensor;
        Assert.True(expected.Tensors["shared"].Tensor.ContentEquals(a));
        Assert.True(a.IsSameStorage(archive.Tensors["b"].Tensor));
        Assert.False(a.IsSameStorage(archive.Tensors["slice"].Tensor));

        var values = a.ToSingles();
        Assert.Equal(values[4..12], archive.Tensors["slice"].Tensor.ToSingles());
        Assert.IsType<MappedTensor>(archive.Tensors["slice"].Tensor);
        var transposed = from column in Enumerable.Range(0, 4) from row in Enumerable.Range(0, 5) select values[(row * 4) + column];
        Assert.Equal(transposed, archive.Tensors["t"].Tensor.ToSingles());
        Assert.Equal(Shape.Of(4, 5), archive.Tensors["t"].Tensor.Shape);
        var full = expected.Tensors["w"].Tensor.ToSingles();
        Assert.Equal(full.Where((_, i) => i % 2 == 0), archive.Tensors["strided"].Tensor.ToSingles());
    }

    [Fact]
    public void Nested_dictionaries_are_joined_and_parameters_are_tensors()
    {
        using var archive = Open("nested.bin");
        using var expected = OpenExpected();
        Assert.Equal(["nested.x", "p"], archive.Tensors.Keys);
        Assert.True(expected.Tensors["w"].Tensor.ContentEquals(archive.Tensors["p"].Tensor));
        Assert.Equal(expected.Tensors["w"].Tensor.ToSingles()[..8], archive.Tensors["nested.x"].Tensor.ToSingles());
    }

    [Fact]
    public void The_model_of_a_training_checkpoint_is_found()
    {
        using var archive = Open("training-checkpoint.bin");
        using var expected = OpenExpected();
        Assert.Equal(["w"], archive.Tensors.Keys);
        Assert.True(expected.Tensors["w"].Tensor.ContentEquals(archive.Tensors["w"].Tensor));
    }

    [Theory]
    [InlineData("hostile-os-system.bin", "posix.system", 173)]
    [InlineData("hostile-eval.bin", "__builtin__.eval", 2)]
    public void Hostile_files_are_refused_by_name_and_nothing_runs(string file, string global, int pickleOffset)
    {
        var path = Repository.RequireShared("oracles", "torch-save", file);
        var diagnostics = new DiagnosticBag();
        Assert.Null(TorchReader.OpenFile(path, diagnostics));
        var diagnostic = Assert.Single(diagnostics.Items);
        Assert.Equal(TorchDiagnostics.UnsafeGlobal, diagnostic.Descriptor);
        Assert.Equal(ExitCode.Malformed, diagnostics.ExitCode);
        Assert.Contains($"'{global}'", diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains($"byte {pickleOffset} of data.pkl", diagnostic.Message, StringComparison.Ordinal);
        // The offset in the file is that of the instruction: 'c', module, line end.
        Assert.Equal((byte)'c', File.ReadAllBytes(path)[diagnostic.Place.Offset!.Value]);
        Assert.False(File.Exists("owned.txt"));
        Assert.False(File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "owned.txt")));
    }

    [Fact]
    public void A_legacy_file_is_refused_by_name()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(TorchReader.OpenFile(Repository.RequireShared("oracles", "torch-save", "legacy.bin"), diagnostics));
        var diagnostic = Assert.Single(diagnostics.Items);
        Assert.Equal(TorchDiagnostics.Legacy, diagnostic.Descriptor);
        Assert.Equal(ExitCode.Unsupported, diagnostics.ExitCode);
        Assert.NotNull(diagnostic.Hint);
    }

    [Theory]
    [InlineData("hf-mamba1")]
    [InlineData("hf-mamba2-groups1")]
    public void Torch_and_safetensors_forms_of_a_model_are_equal(string model)
    {
        var diagnostics = new DiagnosticBag();
        using var torch = TorchReader.OpenFile(Repository.RequireShared("oracles", "models", model, "pytorch_model.bin"), diagnostics);
        var index = Repository.RequireShared("oracles", "models", model) + "/model.safetensors.index.json";
        using var safetensors = File.Exists(index)
            ? SafetensorsReader.OpenSharded(index, diagnostics)
            : SafetensorsReader.OpenFile(Repository.RequireShared("oracles", "models", model, "model.safetensors"), diagnostics);
        Assert.Empty(diagnostics.Items);
        // The tied head is left out of the safetensors form.
        Assert.Equal(torch!.Tensors.Keys.Where(name => name is not "lm_head.weight"), safetensors!.Tensors.Keys.Where(name => name is not "lm_head.weight"));
        Assert.All(safetensors.Tensors, pair => Assert.True(pair.Value.Tensor.ContentEquals(torch.Tensors[pair.Key].Tensor), pair.Key));
    }

    [Fact]
    public void The_official_checkpoint_is_read()
    {
        var diagnostics = new DiagnosticBag();
        using var archive = TorchReader.OpenFile(Repository.RequireShared("models", "tiny-bimamba-official", "pytorch_model.bin"), diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(81, archive!.Tensors.Count);
        Assert.All(archive.Tensors.Values, entry => Assert.Equal(ElementType.F16, entry.Tensor.Type));
        // This file holds the tied head as a storage of its own with the same content.
        Assert.True(archive.Tensors["lm_head.weight"].Tensor.ContentEquals(archive.Tensors["backbone.embedding.weight"].Tensor));
    }

    private static TensorArchive Open(string file)
    {
        var diagnostics = new DiagnosticBag();
        var archive = TorchReader.OpenFile(Repository.RequireShared("oracles", "torch-save", file), diagnostics);
        Assert.Empty(diagnostics.Items);
        return archive!;
    }

    private static TensorArchive OpenExpected() =>
        SafetensorsReader.OpenFile(Repository.RequireShared("oracles", "torch-save", "expected.safetensors"), new DiagnosticBag())!;

    private static float NearestBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000);
    }
}
