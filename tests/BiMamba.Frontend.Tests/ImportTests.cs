using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Frontend.Tests;

/// <summary>Sound checkpoints and the modules that they become.</summary>
public sealed class ImportTests
{
    [Fact]
    public void A_binarized_checkpoint_has_its_patterns_and_may_binarize_one_projection()
    {
        var module = Checkpoint.Mamba2()
            .Binarize(0, "in_proj", 1, 8).Binarize(0, "out_proj", 8, 1)
            .Binarize(1, "out_proj", 1)
            .Module(new ImportOptions(Fidelity: "official-fp16"));
        Golden.Match(Repository.Golden("ir", "import", "memory-bimamba2.verified.bmir"), IrPrinter.Print(module, withHashes: false));
        Assert.Equal(Level.Fbi, module.Level);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData]
    public void A_single_scale_of_any_rank_becomes_rank_one(params int[] dims)
    {
        var module = Checkpoint.Mamba2().Binarize(0, "in_proj", [.. dims.Select(dim => (long)dim)]).Module();
        var op = module.Blocks[1].Body.Single(op => op.Code == OpCode.FbiLinear);
        Assert.Equal("single", op.Word(Attributes.Pattern));
        var scale = module.Resources["layers.0.in_proj.scale"];
        Assert.Equal("[1]", scale.Shape.ToString());
        Assert.Equal(Checkpoint.Mamba2().Binarize(0, "in_proj", 1).Tensors["backbone.layers.0.mixer.in_proj.wscale"].ToBytes(), scale.Data.ToBytes());
    }

    [Fact]
    public void D_may_have_an_entry_a_feature()
    {
        var module = Checkpoint.Mamba2(wideD: true).Set("ssm_cfg.D_has_hdim", true).Module();
        Assert.Equal("f32[16]", module.Resources["layers.0.d"].TypeText);
    }

    [Fact]
    public void The_convolution_may_have_three_taps() =>
        Assert.Equal("f32[28,1,3]", Checkpoint.Mamba2(width: 3).Set("ssm_cfg.d_conv", 3).Module().Resources["layers.1.conv.weight"].TypeText);

    [Fact]
    public void Groups_of_state_spaces_are_normalized_apart()
    {
        var module = Checkpoint.Mamba2(groups: 2).Module();
        Assert.Equal(8, Op(module, OpCode.GatedRmsNorm).Int(Attributes.NormGroupSize));
        Assert.Equal(2, Op(module, OpCode.SsdScan).Int(Attributes.Groups));
    }

    [Fact]
    public void Groups_of_Hugging_Face_are_normalized_together_with_a_warning()
    {
        var diagnostics = new DiagnosticBag();
        var model = Checkpoint.HuggingFace(groups: 2).Import(diagnostics);
        Assert.Equal(16, Op(model!.Module, OpCode.GatedRmsNorm).Int(Attributes.NormGroupSize));
        var warning = Assert.Single(diagnostics.Items);
        Assert.Equal(FrontendDiagnostics.WholeRowNorm, warning.Descriptor);
        Assert.Contains("--norm-group-size 8", warning.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void The_option_sets_the_group_size()
    {
        var diagnostics = new DiagnosticBag();
        var model = Checkpoint.HuggingFace(groups: 2).Import(diagnostics, new ImportOptions(NormGroupSize: 8));
        Assert.Equal(8, Op(model!.Module, OpCode.GatedRmsNorm).Int(Attributes.NormGroupSize));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void Codestral_names_and_params_are_understood()
    {
        var checkpoint = Checkpoint.Mamba2(groups: 2, prefix: "model.backbone.").Put("model.lm_head.weight", 32, 8);
        checkpoint.ConfigText = """{"dim": 8, "n_layers": 2, "vocab_size": 32, "n_groups": 2, "tie_embeddings": false, "model_type": "mamba", "rms_norm": true, "pad_vocab_size_multiple": 1}""";
        checkpoint.Tensors["model.lm_head.weight"] = MemoryTensor.Of(new float[256], Shape.Of(32, 8));
        using var model = checkpoint.Succeed();
        Assert.Equal("codestral", model.Layout);
        Assert.Equal("mamba2", model.Architecture);
        Assert.Equal(8, Op(model.Module, OpCode.GatedRmsNorm).Int(Attributes.NormGroupSize));
        Assert.Equal("lm_head.weight", Op(model.Module, OpCode.LmHead).Get("weight"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("model.")]
    [InlineData("module._orig_mod.backbone.")]
    [InlineData("_forward_module.model.backbone._fsdp_wrapped_module.")]
    public void Prefixes_do_not_matter(string prefix) =>
        Assert.Equal(IrPrinter.Print(Checkpoint.Mamba2().Module(), withHashes: false), IrPrinter.Print(Checkpoint.Mamba2(prefix: prefix).Module(), withHashes: false));

    [Fact]
    public void A_head_of_its_own_is_kept()
    {
        var checkpoint = Checkpoint.HuggingFace().Put("lm_head.weight", 32, 8).Set("tie_word_embeddings", false);
        Assert.Equal("lm_head.weight", Op(checkpoint.Module(), OpCode.LmHead).Get("weight"));
    }

    [Fact]
    public void A_head_of_its_own_is_kept_with_a_warning_where_the_configuration_ties()
    {
        var diagnostics = new DiagnosticBag();
        var model = Checkpoint.Mamba2().Put("lm_head.weight", 32, 8).Import(diagnostics);
        Assert.Equal("lm_head.weight", Op(model!.Module, OpCode.LmHead).Get("weight"));
        Assert.Equal(FrontendDiagnostics.HeadNotTied, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_head_that_equals_the_embedding_is_the_embedding(bool sameStorage)
    {
        var checkpoint = Checkpoint.Mamba2().Set("tie_embeddings", false);
        var embedding = checkpoint.Tensors["backbone.embedding.weight"];
        checkpoint.Tensors["lm_head.weight"] = sameStorage ? embedding : MemoryTensor.Of(embedding.ToSingles(), embedding.Shape);
        var module = checkpoint.Module();
        Assert.Equal("embedding.weight", Op(module, OpCode.LmHead).Get("weight"));
        Assert.DoesNotContain("lm_head.weight", module.Resources.Keys);
    }

    [Fact]
    public void A_padded_vocabulary_keeps_both_numbers()
    {
        using var model = Checkpoint.Mamba2().Succeed();
        Assert.Equal(30, model.Module.FindInt("vocab"));
        Assert.Equal(32, model.Module.FindInt("rows"));
        Assert.Equal(32, model.Module.VocabularyRows);
        Assert.Equal(30, model.ConfigVocabulary);
    }

    [Fact]
    public void A_configuration_without_a_vocabulary_takes_the_rows()
    {
        using var model = Checkpoint.Mamba2().Unset("vocab_size").Succeed();
        Assert.Equal(32, model.Module.FindInt("vocab"));
        Assert.Null(model.ConfigVocabulary);
    }

    [Theory]
    [InlineData("[0.25, Infinity]", 0.25, double.PositiveInfinity)]
    [InlineData("[0.0, {\"__float__\": \"Infinity\"}]", 0, double.PositiveInfinity)]
    [InlineData("[0.01, 0.2]", 0.01, 0.2)]
    [InlineData("null", 0, double.PositiveInfinity)]
    public void Limits_of_the_time_step_may_be_infinite_in_both_spellings(string text, double low, double high)
    {
        var checkpoint = Checkpoint.HuggingFace();
        var config = checkpoint.Config.ToJsonString();
        checkpoint.ConfigText = config[..^1] + ",\"note\":\"Infinity \\\" NaN\",\"unused\":[NaN,-Infinity],\"time_step_limit\":" + text + "}";
        var scan = Op(checkpoint.Module(), OpCode.SsdScan);
        Assert.Equal(low, scan.Float(Attributes.DtMin));
        Assert.Equal(high, scan.Float(Attributes.DtMax));
    }

    [Fact]
    public void State_spaces_settings_reach_the_ops()
    {
        var module = Checkpoint.Mamba2().Set("ssm_cfg.norm_before_gate", true).Set("ssm_cfg.dt_limit", new JsonArray(0.001, 0.5)).Set("layer_norm_epsilon", 0.5).Module();
        Assert.True(Op(module, OpCode.GatedRmsNorm).Bool(Attributes.NormBeforeGate));
        Assert.Equal(0.5, Op(module, OpCode.SsdScan).Float(Attributes.DtMax));
        Assert.Equal(1e-5, Op(module, OpCode.GatedRmsNorm).Float(Attributes.Eps));
    }

    [Fact]
    public void Hugging_Face_never_norms_before_the_gate_and_has_its_own_epsilon()
    {
        var diagnostics = new DiagnosticBag();
        var model = Checkpoint.HuggingFace().Set("norm_before_gate", true).Import(diagnostics);
        Assert.Equal(FrontendDiagnostics.NormBeforeGateIgnored, Assert.Single(diagnostics.Items).Descriptor);
        Assert.False(Op(model!.Module, OpCode.GatedRmsNorm).Bool(Attributes.NormBeforeGate));
        Assert.Equal(1e-6, Op(model.Module, OpCode.GatedRmsNorm).Float(Attributes.Eps));
    }

    [Fact]
    public void Mamba1_of_state_spaces_imports() =>
        Golden.Match(Repository.Golden("ir", "import", "memory-mamba1.verified.bmir"), IrPrinter.Print(Checkpoint.Mamba1().Module(), withHashes: false));

    [Fact]
    public void FalconMamba_is_told_by_its_configuration_and_ignores_expand()
    {
        var checkpoint = Checkpoint.Mamba1();
        checkpoint.ConfigText = """{"model_type": "falcon_mamba", "hidden_size": 8, "num_hidden_layers": 1, "vocab_size": 32, "expand": 16, "intermediate_size": 16, "time_step_rank": 2, "state_size": 3}""";
        using var model = checkpoint.Succeed();
        Assert.Equal("falcon_mamba", model.Architecture);
        var norms = model.Module.Blocks[1].Body.Where(op => op.Code == OpCode.RmsNorm && op.Find("weight") is null).ToArray();
        Assert.Equal(3, norms.Length);
        Assert.All(norms, norm => Assert.Equal(1e-6, norm.Float(Attributes.Eps)));
    }

    [Fact]
    public void The_key_of_the_mixer_norms_alone_tells_FalconMamba() =>
        Assert.Equal("falcon_mamba", Checkpoint.Mamba1().Set("mixer_rms_eps", 1e-5).Succeed().Architecture);

    [Fact]
    public void A_configuration_with_both_spellings_is_that_of_Hugging_Face()
    {
        var checkpoint = Checkpoint.Mamba1().Set("hidden_size", 8).Set("num_hidden_layers", 1).Set("d_inner", 16).Set("model_type", "mamba").Set("time_step_rank", "auto");
        Assert.Equal("hugging-face", checkpoint.Succeed().Layout);
    }

    [Fact]
    public void Projections_may_have_biases_and_the_convolution_none()
    {
        var checkpoint = Checkpoint.Mamba2().Set("ssm_cfg.bias", true).Set("ssm_cfg.conv_bias", false);
        foreach (var layer in (string[])["backbone.layers.0.mixer.", "backbone.layers.1.mixer."])
            checkpoint.Put(layer + "in_proj.bias", 48).Put(layer + "out_proj.bias", 8).Drop(layer + "conv1d.bias");
        var body = checkpoint.Module().Blocks[1].Body;
        Assert.Equal(["layers.0.in_proj.bias", "layers.0.out_proj.bias"], body.Where(op => op.Code == OpCode.Linear).Select(op => op.Find("bias")));
        Assert.Null(body.Single(op => op.Code == OpCode.CausalConv1d).Find("bias"));
    }

    [Fact]
    public void No_weight_is_read()
    {
        var checkpoint = Checkpoint.Mamba2();
        foreach (var (name, tensor) in checkpoint.Tensors.ToArray())
            checkpoint.Tensors[name] = new UnreadableTensor(tensor.Type, tensor.Shape);
        Assert.NotNull(checkpoint.Succeed());
    }

    [Fact]
    public void Every_row_of_the_name_table_is_found_and_leads_to_a_handle_of_its_layer()
    {
        foreach (var row in TensorNameMap.All)
        {
            var layered = row.Pattern.Contains("{i}", StringComparison.Ordinal);
            var mapped = TensorNameMap.Find("backbone." + TensorNameMap.Resource(row.Pattern, 12));
            Assert.Equal(row, mapped?.Row);
            Assert.Equal(layered ? 12 : null, mapped!.Layer);
            Assert.Equal(layered, row.Handle.Contains("{i}", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("backbone.layers.01.norm.weight")]
    [InlineData("backbone.layers.-1.norm.weight")]
    [InlineData("backbone.layers.99999999999.norm.weight")]
    [InlineData("backbone.layers.10000.norm.weight")]
    [InlineData("backbone.layers..norm.weight")]
    [InlineData("backbone.layers.1")]
    [InlineData("backbone.layers.{i}.norm.weight2")]
    [InlineData("")]
    public void Names_that_are_not_of_the_table_are_not_found(string name) => Assert.Null(TensorNameMap.Find(name));

    private static Op Op(Module module, OpCode code) => module.Blocks.SelectMany(block => block.Body).First(op => op.Code == code);

    private sealed class UnreadableTensor(ElementType type, Shape shape) : Tensor(type, shape)
    {
        public override void Read(long offset, Span<byte> destination) => Assert.Fail("a weight was read");
    }
}
