using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.TorchPickle;
using BiMamba.Readers.Tests.Building;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Testing.Building;

namespace BiMamba.Readers.Tests.Torch;

/// <summary>What is read from hand-built archives.</summary>
public class TorchReaderTests
{
    [Fact]
    public void Tied_tensors_are_the_same_storage()
    {
        using var archive = Open(TorchBytes.Of(PickleBuilder.StateDict(4, "embedding", "head"), TorchBytes.FourFloats()));
        Assert.True(archive.Tensors["embedding"].Tensor.IsSameStorage(archive.Tensors["head"].Tensor));
    }

    [Fact]
    public void Tied_strided_views_are_the_same_storage()
    {
        var file = TorchBytes.Of(
            new PickleBuilder().Op('}').Op('(')
                .Text("a").Tensor("FloatStorage", "0", 4, 0, [2, 2], [1, 2])
                .Text("b").Tensor("FloatStorage", "0", 4, 0, [2, 2], [1, 2])
                .Text("c").Tensor("FloatStorage", "0", 4, 0, [2, 2], [0, 2]).Op('u').Stop(),
            TorchBytes.FourFloats());
        using var archive = Open(file);
        Assert.True(archive.Tensors["a"].Tensor.IsSameStorage(archive.Tensors["b"].Tensor));
        Assert.False(archive.Tensors["a"].Tensor.IsSameStorage(archive.Tensors["c"].Tensor));
        Assert.Equal([0f, 2f, 1f, 3f], archive.Tensors["a"].Tensor.ToSingles());
        Assert.Equal([0f, 2f, 0f, 2f], archive.Tensors["c"].Tensor.ToSingles());
    }

    [Fact]
    public void A_repeated_dimension_of_stride_zero_is_read()
    {
        using var archive = Open(TorchBytes.OfTensor(2, [3, 1], [0, 99]));
        Assert.Equal([2f, 2f, 2f], archive.Tensors["x"].Tensor.ToSingles());
    }

    [Theory]
    [InlineData("uint16", ElementType.U16, 8)]
    [InlineData("uint32", ElementType.U32, 4)]
    [InlineData("uint64", ElementType.U64, 2)]
    public void Unsigned_types_have_untyped_storages(string type, ElementType expected, int count)
    {
        using var archive = Open(TorchBytes.OfValue(
            p => p.Global("torch._utils", "_rebuild_tensor_v3").Op('(').Storage("torch.storage.UntypedStorage", "0", 16)
                .Integer(0).Integers(count).Integers(1).Raw(0x89).Op('N').Global("torch", type).Op('t').Op('R'),
            TorchBytes.FourFloats()));
        Assert.Equal(expected, archive.Tensors["x"].Tensor.Type);
        Assert.Equal(TorchBytes.FourFloats(), archive.Tensors["x"].Tensor.ToBytes());
    }

    [Fact]
    public void Protocol_four_is_read()
    {
        byte[] Short(string text) => [0x8c, (byte)text.Length, .. System.Text.Encoding.UTF8.GetBytes(text)];
        byte[] pickle =
        [
            0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, (byte)'}', 0x94, .. Short("x"), 0x94,
            .. Short("torch._utils"), .. Short("_rebuild_tensor_v2"), 0x93, 0x94, (byte)'(', (byte)'(', .. Short("storage"),
            .. Short("torch"), .. Short("FloatStorage"), 0x93, .. Short("0"), .. Short("cpu"), (byte)'K', 4, (byte)'t', (byte)'Q',
            (byte)'K', 1, (byte)'K', 2, 0x85, (byte)'K', 1, 0x85, 0x89, (byte)'N', (byte)'t', (byte)'R', (byte)'s',
            .. Short("set"), 0x8f, (byte)'(', (byte)'K', 1, 0x90, (byte)'s', .. Short("frozen"), (byte)'(', 0x91, (byte)'s', (byte)'.',
        ];
        using var archive = Open(TorchBytes.Of(pickle, TorchBytes.FourFloats()));
        Assert.Equal([1f, 2f], archive.Tensors["x"].Tensor.ToSingles());
    }

    [Fact]
    public void Values_that_are_no_tensors_are_passed_over()
    {
        var pickle = new PickleBuilder().Global("collections", "OrderedDict").Op(')').Op('R').Op('q').Raw(0).Op('(')
            .Text("w").Tensor("FloatStorage", "0", 4, 0, [4], [1])
            .Text("loop").Op(']').Op('q').Raw(1).Op('h').Raw(1).Op('a')
            .Text("size").Global("torch", "Size").Integers(2, 3).Raw(0x85).Op('R')
            .Text("device").Global("torch", "device").Text("cuda").Integer(0).Raw(0x86).Op('R')
            .Text("dtype").Global("torch", "bfloat16")
            .Text("float").Op('G').Raw(0, 0, 0, 0, 0, 0, 0, 0)
            .Text("negative").Op('J').Raw(255, 255, 255, 255)
            .Text("big").Raw(0x8a, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9)
            .Text("bytes").Op('C').Raw(2, 7, 7)
            .Text("pairs").Global("collections", "OrderedDict").Op('(').Op('(').Text("k").Op('N').Op('t').Op('l').Raw(0x85).Op('R')
            .Integer(3).Op('N')
            .Op('u').Op('}').Text("_metadata").Op('}').Op('s').Op('b').Stop();
        using var archive = Open(TorchBytes.Of(pickle, TorchBytes.FourFloats()));
        Assert.Equal(["w"], archive.Tensors.Keys);
        Assert.Equal([0f, 1f, 2f, 3f], archive.Tensors["w"].Tensor.ToSingles());
    }

    [Theory]
    [InlineData("module.model.w", "model.w")]
    [InlineData("_forward_module._orig_mod.module.w", "w")]
    [InlineData("_fsdp_wrapped_module.layers.0._fsdp_wrapped_module._checkpoint_wrapped_module.mixer.w", "layers.0.mixer.w")]
    [InlineData("layers.0._orig_mod.w", "layers.0.w")]
    [InlineData("layers.module.w", "layers.module.w")]
    [InlineData("module", "module")]
    [InlineData("module.module", "module")]
    [InlineData("modules.w", "modules.w")]
    public void Wrapper_prefixes_are_removed(string saved, string expected)
    {
        using var archive = Open(TorchBytes.Of(PickleBuilder.StateDict(4, saved), TorchBytes.FourFloats()), allowNotes: true);
        Assert.Equal([expected], archive.Tensors.Keys);
    }

    [Fact]
    public void A_clash_after_removal_names_both()
    {
        var diagnostics = Refuse(TorchBytes.Of(PickleBuilder.StateDict(4, "w.x", "module.w.x"), TorchBytes.FourFloats()));
        var error = Assert.Single(diagnostics.Items, item => item.Severity == Severity.Error);
        Assert.Equal(TorchDiagnostics.NameClash, error.Descriptor);
        Assert.Contains("'w.x' and 'module.w.x'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("state_dict")]
    [InlineData("model_state_dict")]
    [InlineData("module")]
    public void The_wrapper_that_holds_tensors_is_taken(string wrapper)
    {
        var pickle = new PickleBuilder().Op('}').Op('(');
        foreach (var other in (string[])["model", "state_dict", "model_state_dict", "module"])
        {
            if (!string.Equals(other, wrapper, StringComparison.Ordinal))
                pickle.Text(other).Op('}');
        }

        pickle.Text(wrapper).Op('}').Text("module").Op('}').Text("w").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('s').Op('s').Op('u');
        using var archive = Open(TorchBytes.Of(pickle.Stop(), TorchBytes.FourFloats()));
        Assert.Equal(["w"], archive.Tensors.Keys);
    }

    [Fact]
    public void Optimizer_states_are_not_weights()
    {
        var pickle = new PickleBuilder().Op('}').Op('(')
            .Text("backbone").Op('}').Text("w").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('s')
            .Text("optimizer").Op('}').Text("exp_avg").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('s').Op('u');
        using var archive = Open(TorchBytes.Of(pickle.Stop(), TorchBytes.FourFloats()), allowNotes: true);
        Assert.Equal(["backbone.w"], archive.Tensors.Keys);
    }

    [Fact]
    public void A_long_list_cannot_be_copied_again_and_again()
    {
        // 200,000 pairs and 200,000 calls that each would copy them.
        var pickle = new PickleBuilder().Op(']').Op('q').Raw(0).Op('(');
        for (var i = 0; i < 200_000; i++)
            pickle.Op('N').Op('N').Raw(0x86);
        pickle.Op('e').Global("collections", "OrderedDict").Op('q').Raw(1);
        for (var i = 0; i < 200_000; i++)
            pickle.Op('h').Raw(1).Op('h').Raw(0).Raw(0x85).Op('R').Op('0');
        var diagnostics = Refuse(TorchBytes.Of(pickle.Stop()));
        Assert.Equal(TorchDiagnostics.BadCall, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Fact]
    public void Dictionaries_that_multiply_are_reported_once()
    {
        var pickle = new PickleBuilder().Op('}').Op('q').Raw(0).Text("w").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('s');
        for (byte i = 1; i < 25; i++)
            pickle.Op('0').Op('}').Op('q').Raw(i).Text("a").Op('h').Raw((byte)(i - 1)).Op('s').Text("b").Op('h').Raw((byte)(i - 1)).Op('s');
        var diagnostics = Refuse(TorchBytes.Of(pickle.Stop(), TorchBytes.FourFloats()));
        Assert.Equal(TorchDiagnostics.TooDeep, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Fact]
    public void Every_refused_global_of_a_file_is_reported_once()
    {
        var diagnostics = Refuse(TorchBytes.OfValue(p => p
            .Global("os", "system").Text("x").Raw(0x85).Op('R').Op('0')
            .Global("os", "system").Op('0')
            .Global("builtins", "eval").Op(')').Op('R').Op('}').Op('b')));
        Assert.Equal(2, diagnostics.Items.Count);
        Assert.Contains("'os.system'", diagnostics.Items[0].Message, StringComparison.Ordinal);
        Assert.Contains("'builtins.eval'", diagnostics.Items[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_global_beside_the_weights_refuses_the_file()
    {
        var pickle = new PickleBuilder().Op('}').Op('(')
            .Text("model").Op('}').Text("w").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Op('s')
            .Text("args").Global("argparse", "Namespace").Op(')').Raw(0x81).Op('}').Op('b').Op('u');
        var diagnostics = Refuse(TorchBytes.Of(pickle.Stop(), TorchBytes.FourFloats()));
        Assert.Equal(TorchDiagnostics.UnsafeGlobal, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Fact]
    public void A_zip_comment_and_a_small_zip64_archive_are_read()
    {
        foreach (var zip64 in (bool[])[false, true])
        {
            var zip = new ZipBuilder(zip64).Add("a/data.pkl", PickleBuilder.StateDict(4, "w")).Add("a/data/0", TorchBytes.FourFloats());
            using var archive = Open(zip.Build("PK\x05\x06 is no end record here"u8.ToArray()));
            Assert.Equal([0f, 1f, 2f, 3f], archive.Tensors["w"].Tensor.ToSingles());
        }
    }

    private static TensorArchive Open(byte[] file, bool allowNotes = false)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.bin"], file);
        var diagnostics = new DiagnosticBag();
        var archive = TorchReader.OpenFile(folder["x.bin"], diagnostics);
        Assert.True(allowNotes ? !diagnostics.HasErrors : diagnostics.Items.Count == 0, string.Join('\n', diagnostics.Items));
        return archive!;
    }

    private static DiagnosticBag Refuse(byte[] file)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.bin"], file);
        var diagnostics = new DiagnosticBag();
        Assert.Null(TorchReader.OpenFile(folder["x.bin"], diagnostics));
        return diagnostics;
    }
}
