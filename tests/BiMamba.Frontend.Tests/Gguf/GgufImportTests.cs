using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Frontend.Tests.Gguf;

/// <summary>GGUF files as checkpoints.</summary>
public sealed class GgufImportTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mamba2_is_the_module_of_the_same_weights(int groups) => IsSame(SmallGguf.Mamba2(groups), "state-spaces");

    [Fact]
    public void Mamba1_is_the_module_of_the_same_weights() => IsSame(SmallGguf.Mamba1(), "state-spaces");

    [Fact]
    public void FalconMamba_is_the_module_of_the_same_weights()
    {
        var gguf = SmallGguf.Mamba1().Set("mamba.ssm.dt_b_c_rms", true).Set("mamba.attention.layer_norm_rms_epsilon", 1e-6f);
        gguf.Checkpoint.ConfigText = """{"model_type": "falcon_mamba", "hidden_size": 8, "num_hidden_layers": 1, "vocab_size": 30, "layer_norm_epsilon": 1e-6, "mixer_rms_eps": 1e-6}""";
        IsSame(gguf, "hugging-face");
    }

    [Fact]
    public void A_head_of_its_own_is_kept()
    {
        var gguf = SmallGguf.Mamba2().Put("output.weight", 32, 8);
        gguf.Checkpoint.Tensors["lm_head.weight"] = gguf.Tensors["output.weight"];
        gguf.Checkpoint.Set("tie_embeddings", false);
        IsSame(gguf, "state-spaces");
    }

    [Fact]
    public void Heads_may_have_one_dimension_and_the_norm_too()
    {
        var gguf = SmallGguf.Mamba2();
        foreach (var name in gguf.Tensors.Keys.Where(name => name.EndsWith("ssm_a", StringComparison.Ordinal) || name.EndsWith("ssm_d", StringComparison.Ordinal) || name.EndsWith("ssm_norm.weight", StringComparison.Ordinal)).ToArray())
            gguf.Tensors[name] = MemoryTensor.Vector(gguf.Tensors[name].ToSingles());
        IsSame(gguf, "state-spaces");
    }

    [Fact]
    public void The_tokens_tell_the_vocabulary_where_no_key_does()
    {
        var gguf = SmallGguf.Mamba2().Set("tokenizer.ggml.tokens", GgufValue.Strings(Enumerable.Range(0, 29).Select(i => "t" + i)));
        gguf.Metadata.Remove("mamba2.vocab_size");
        Assert.Equal(29, gguf.Import((model, _) => model!.ConfigVocabulary));
    }

    [Fact]
    public void A_file_is_told_by_its_first_bytes_under_any_name()
    {
        using var folder = new TemporaryFolder();
        SmallGguf.Mamba2().Write(folder["weights"]);
        var diagnostics = new DiagnosticBag();
        using var model = CheckpointImporter.Import(folder["weights"], new ImportOptions(), diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(("mamba2", "gguf"), (model!.Architecture, model.Layout));
        Assert.Equal([folder["weights"]], model.Files);
    }

    [Fact]
    public void All_files_of_a_split_model_are_taken()
    {
        using var folder = new TemporaryFolder();
        var gguf = SmallGguf.Mamba2();
        var all = gguf.Tensors.ToArray();
        for (var i = 0; i < 2; i++)
        {
            var part = gguf.Set("split.no", (ushort)i).Set("split.count", (ushort)2);
            part.Tensors.Clear();
            foreach (var (name, tensor) in i == 0 ? all[..5] : all[5..])
                part.Tensors.Add(name, tensor);
            part.Write(folder[$"m-0000{i + 1}-of-00002.gguf"]);
        }

        var diagnostics = new DiagnosticBag();
        using var model = CheckpointImporter.Import(folder["m-00001-of-00002.gguf"], new ImportOptions(), diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(2, model!.Files.Count);
        Assert.Equal(Print(gguf.Checkpoint.Module(), "state-spaces"), Print(model.Module, "gguf"));
    }

    [Fact]
    public void The_decay_is_read_in_any_pieces()
    {
        SmallGguf.Mamba1().Import((model, _) =>
        {
            var tensor = model!.Module.Resources["layers.0.a_log"].Data;
            var whole = tensor.ToBytes();
            for (var offset = 0; offset < whole.Length; offset++)
            {
                var part = new byte[Math.Min(11, whole.Length - offset)];
                tensor.Read(offset, part);
                Assert.Equal(whole.AsSpan(offset, part.Length).ToArray(), part);
            }

            return 0;
        });
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_decay_without_logarithm_is_refused(float value)
    {
        var gguf = SmallGguf.Mamba2();
        gguf.Tensors["blk.1.ssm_a"] = MemoryTensor.Of([-1, -1, value, -1], Shape.Of(4, 1));
        var error = gguf.FailOnce(GgufDiagnostics.Decay);
        Assert.Equal("blk.1.ssm_a", error.Place.Tensor);
        Assert.Contains("element 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_name_what_the_file_holds()
    {
        Assert.Equal("blk.1.ssm_dt.bias", SmallGguf.Mamba2().Drop("blk.1.ssm_dt.bias").FailOnce(FrontendDiagnostics.MissingTensor).Place.Tensor);
        Assert.Equal("output_norm.weight", SmallGguf.Mamba2().Drop("output_norm.weight").FailOnce(FrontendDiagnostics.MissingTensor).Place.Tensor);
        Assert.Equal("blk.0.ffn_up.weight", SmallGguf.Mamba2().Put("blk.0.ffn_up.weight", 8, 8).FailOnce(FrontendDiagnostics.UnknownTensor).Place.Tensor);
        Assert.Equal("expected [28,1,4], found [28,1,3], in the file [28,3]", SmallGguf.Mamba2().Put("blk.1.ssm_conv1d.weight", 28, 3).FailOnce(FrontendDiagnostics.TensorShape).Message);
        Assert.Equal("blk.1.ssm_norm.weight", SmallGguf.Mamba2().Put("blk.1.ssm_norm.weight", 2, 8).FailOnce(FrontendDiagnostics.TensorShape).Place.Tensor);
        Assert.Equal("general.architecture", SmallGguf.Mamba2().Set("general.architecture", "llama").FailOnce(FrontendDiagnostics.UnknownArchitecture).Place.Field);
        Assert.Equal("general.architecture", SmallGguf.Mamba2().Set("general.architecture", 7u).FailOnce(FrontendDiagnostics.UnknownArchitecture).Place.Field);
        Assert.Equal("mamba2.ssm.state_size", SmallGguf.Mamba2().Set("mamba2.ssm.state_size", 7u).FailOnce(FrontendDiagnostics.ConfigMismatch).Place.Field);
        Assert.Equal("mamba2.ssm.time_step_rank", SmallGguf.Mamba2().Set("mamba2.ssm.time_step_rank", 8u).FailOnce(FrontendDiagnostics.ConfigMismatch).Place.Field);
        Assert.Equal("mamba.ssm.time_step_rank", SmallGguf.Mamba1().Set("mamba.ssm.time_step_rank", 4u).FailOnce(FrontendDiagnostics.ConfigMismatch).Place.Field);
        Assert.Equal("mamba2.block_count", SmallGguf.Mamba2().Set("mamba2.block_count", "two").FailOnce(FrontendDiagnostics.ConfigValue).Place.Field);
        Assert.Equal("mamba2.attention.layer_norm_rms_epsilon", SmallGguf.Mamba2().Set("mamba2.attention.layer_norm_rms_epsilon", float.NaN).FailOnce(FrontendDiagnostics.ConfigValue).Place.Field);
        Assert.Equal("mamba2.vocab_size", SmallGguf.Mamba2().Set("mamba2.vocab_size", 33u).FailOnce(FrontendDiagnostics.Vocabulary).Place.Field);
        Assert.Equal(InputDiagnostics.Missing, SmallGguf.Mamba2().FailOnce(InputDiagnostics.Missing, new ImportOptions(TokenizerPath: "/nowhere.json")).Descriptor);
    }

    private static void IsSame(SmallGguf gguf, string layout) => gguf.Import((model, items) =>
    {
        Assert.True(items.Count == 0 && model is not null, string.Join('\n', items));
        Assert.Equal(Print(gguf.Checkpoint.Module(), layout), Print(model.Module, "gguf"));
        return 0;
    });

    /// <summary>The module with the hashes of its weights.</summary>
    private static string Print(Module module, string layout) => IrPrinter.Print(module, withHashes: true).Replace($"\"{layout}\"", "\"gguf\"", StringComparison.Ordinal).Replace($"layout = {layout}", "layout = gguf", StringComparison.Ordinal);
}
