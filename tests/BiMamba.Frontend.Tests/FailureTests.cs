using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Frontend.Tests;

/// <summary>One checkpoint for every cause of refusal.</summary>
public sealed class FailureTests
{
    private const string Layer0 = "backbone.layers.0.mixer.";

    [Fact]
    public void Every_wrong_number_is_named_with_what_the_tensors_say()
    {
        var errors = Checkpoint.HuggingFace()
            .Set("hidden_size", 16).Set("num_hidden_layers", 3).Set("state_size", 128).Set("conv_kernel", 3).Set("num_heads", 2).Set("head_dim", 8)
            .Set("expand", 4).Set("use_bias", true).Set("use_conv_bias", false).Set("model_type", "mamba")
            .Fail();
        Assert.All(errors, error => Assert.Equal(FrontendDiagnostics.ConfigMismatch, error.Descriptor));
        Assert.Equal(
            ["conv_kernel", "expand", "head_dim", "hidden_size", "model_type", "num_heads", "num_hidden_layers", "state_size", "use_bias", "use_conv_bias"],
            errors.Select(error => error.Place.Field!).Order(StringComparer.Ordinal));
        Assert.Contains(errors, error => error.ToString() == "error BIM1304: config.json: state_size: expected 6 from the tensors, found 128; hint: take the configuration that belongs to the weights");
    }

    [Fact]
    public void Numbers_of_state_spaces_and_Mamba1_are_compared_too()
    {
        var errors = Checkpoint.Mamba2().Set("ssm_cfg.layer", "Mamba1").Set("ssm_cfg.d_ssm", 8).Set("ssm_cfg.D_has_hdim", true).Fail();
        Assert.Equal(["ssm_cfg.D_has_hdim", "ssm_cfg.d_ssm", "ssm_cfg.layer"], errors.Select(error => error.Place.Field!).Order(StringComparer.Ordinal));
        Assert.Equal("dt_rank", Checkpoint.Mamba1().Set("dt_rank", 5).FailOnce(FrontendDiagnostics.ConfigMismatch).Place.Field);
    }

    [Fact]
    public void Missing_unknown_and_mismatched_tensors_are_listed_in_one_go()
    {
        var errors = Checkpoint.Mamba2()
            .Drop(Layer0 + "A_log").Drop("backbone.norm_f.weight")
            .Put("backbone.layers.1.mixer.out_proj.weight", 8, 15).Put(Layer0 + "in_proj.weight", 47, 8)
            .Put(Layer0 + "surprise", 3)
            .Fail();
        Assert.Equal(
            [
                "error BIM1305: model.safetensors: tensor 'backbone.layers.0.mixer.A_log': expected [4], found no tensor of this name",
                "error BIM1305: model.safetensors: tensor 'backbone.norm_f.weight': expected [8], found no tensor of this name",
                "error BIM1306: model.safetensors: tensor 'backbone.layers.0.mixer.surprise': expected a tensor of the architecture, found f32[3] of no known role",
                "error BIM1307: model.safetensors: tensor 'backbone.layers.0.mixer.in_proj.weight': expected [48,8], found [47,8]",
                "error BIM1307: model.safetensors: tensor 'backbone.layers.1.mixer.out_proj.weight': expected [8,16], found [8,15]",
            ],
            errors.Select(error => error.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_missing_tensor_has_the_name_of_its_layout()
    {
        var checkpoint = Checkpoint.Mamba2(prefix: "model.backbone.").Set("tie_embeddings", false).Drop("model.backbone.layers.1.norm.weight");
        Assert.Equal(
            ["model.backbone.layers.1.norm.weight", "model.lm_head.weight"],
            checkpoint.Fail().Select(error => error.Place.Tensor!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_tensor_of_no_role_is_refused() =>
        Assert.Equal("backbone.rotary.weight", Checkpoint.Mamba2().Put("backbone.rotary.weight", 2).FailOnce(FrontendDiagnostics.UnknownTensor).Place.Tensor);

    [Fact]
    public void A_missing_embedding_is_named() =>
        Assert.Equal("backbone.embedding.weight", Checkpoint.Mamba2().Drop("backbone.embedding.weight").FailOnce(FrontendDiagnostics.MissingTensor).Place.Tensor);

    [Fact]
    public void A_head_of_another_shape_is_refused() =>
        Assert.Equal("lm_head.weight", Checkpoint.Mamba2().Put("lm_head.weight", 30, 8).Fail().First(item => item.Descriptor == FrontendDiagnostics.TensorShape).Place.Tensor);

    [Fact]
    public void A_bias_in_some_layers_only_is_missing_in_the_others() =>
        Assert.Equal("backbone.layers.1.mixer.conv1d.bias", Checkpoint.Mamba2().Drop("backbone.layers.1.mixer.conv1d.bias").FailOnce(FrontendDiagnostics.MissingTensor).Place.Tensor);

    [Fact]
    public void Weights_of_integers_are_refused()
    {
        var checkpoint = Checkpoint.Mamba2();
        checkpoint.Tensors[Layer0 + "in_proj.weight"] = new MemoryTensor(new byte[48 * 8], ElementType.I8, Shape.Of(48, 8));
        var error = checkpoint.FailOnce(FrontendDiagnostics.TensorType);
        Assert.Equal(ExitCode.Malformed, error.Descriptor.ExitCode);
    }

    [Fact]
    public void Empty_tensors_are_refused() => Checkpoint.Mamba2().Put(Layer0 + "dt_bias", 0).FailOnce(FrontendDiagnostics.TensorShape);

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 13)]
    public void Sizes_that_do_not_divide_are_refused(int kind, int size)
    {
        var checkpoint = Checkpoint.Mamba2();
        checkpoint.Config["ssm_cfg"] = new JsonObject();
        foreach (var layer in (string[])[Layer0, "backbone.layers.1.mixer."])
        {
            if (kind == 0)
                checkpoint.Put(layer + "dt_bias", size).Put(layer + "A_log", size).Put(layer + "D", size).Put(layer + "in_proj.weight", 16 + 28 + size, 8);
            else
                checkpoint.Put(layer + "conv1d.weight", size, 1, 4).Put(layer + "conv1d.bias", size).Put(layer + "in_proj.weight", 16 + size + 4, 8);
        }

        checkpoint.FailOnce(FrontendDiagnostics.TensorShape);
    }

    [Fact]
    public void Groups_that_do_not_divide_are_refused()
    {
        var error = Assert.Single(Checkpoint.Mamba2().Set("ssm_cfg.ngroups", 3).Set("ssm_cfg.d_state", 2).Fail());
        Assert.Equal(FrontendDiagnostics.ConfigMismatch, error.Descriptor);
        Assert.Equal("ssm_cfg.ngroups", error.Place.Field);
    }

    [Fact]
    public void Groups_that_are_given_twice_agree()
    {
        Checkpoint.HuggingFace(groups: 2).Set("ngroups", 2).Succeed();
        var error = Checkpoint.HuggingFace(groups: 2).Set("ngroups", 1).FailOnce(FrontendDiagnostics.ConfigMismatch);
        Assert.Equal("ngroups", error.Place.Field);
        Assert.Contains("expected 2 as in 'n_groups', found 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_of_a_file_controls_the_terminal()
    {
        const string escape = @"\u001b[31m\u009b\u202e";
        const string raw = "\u001b[31m\u009b\u202ex";
        Diagnostic[] found =
        [
            Checkpoint.Mamba2().Put(Layer0 + raw, 2).FailOnce(FrontendDiagnostics.UnknownTensor),
            new Checkpoint().Put(raw, 2).FailOnce(FrontendDiagnostics.UnknownArchitecture),
            Checkpoint.HuggingFace().Set("model_type", raw).FailOnce(FrontendDiagnostics.UnknownArchitecture),
            Checkpoint.HuggingFace().Set("hidden_act", raw).FailOnce(FrontendDiagnostics.OtherActivation),
            Checkpoint.Mamba2().Set("ssm_cfg.layer", raw).FailOnce(FrontendDiagnostics.UnknownArchitecture),
            FailText("{\"" + escape + "\":1,\"" + escape + "\":1}", FrontendDiagnostics.ConfigSyntax),
            FailText("{\"hidden_size\":\"\u009b\u202e\"}", FrontendDiagnostics.ConfigValue),
        ];
        Assert.All(found, error => Assert.DoesNotContain(error.ToString(), c => char.IsControl(c) || c == '\u202e'));
    }

    [Theory]
    [InlineData(".qweight")]
    [InlineData(".qzeros")]
    [InlineData(".scales")]
    [InlineData(".g_idx")]
    [InlineData(".SCB")]
    [InlineData(".weight.absmax")]
    [InlineData(".weight.quant_state.bitsandbytes__nf4")]
    public void Quantized_weights_are_recognized(string suffix)
    {
        var error = Checkpoint.Mamba2().Drop(Layer0 + "in_proj.weight").Put(Layer0 + "in_proj" + suffix, 4).FailOnce(FrontendDiagnostics.AlreadyQuantized);
        Assert.Equal(ExitCode.Unsupported, error.Descriptor.ExitCode);
    }

    [Fact]
    public void A_record_of_quantization_is_recognized() =>
        Checkpoint.HuggingFace().Set("quantization_config", new JsonObject { ["bits"] = 4 }).FailOnce(FrontendDiagnostics.AlreadyQuantized);

    [Theory]
    [InlineData("llama")]
    [InlineData("bamba")]
    public void Other_architectures_are_refused(string type)
    {
        var error = Checkpoint.HuggingFace().Set("model_type", type).FailOnce(FrontendDiagnostics.UnknownArchitecture);
        Assert.Equal(ExitCode.Unsupported, error.Descriptor.ExitCode);
        Assert.Contains(type, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_block_classes_are_refused() => Checkpoint.Mamba2().Set("ssm_cfg.layer", "Mamba3").FailOnce(FrontendDiagnostics.UnknownArchitecture);

    [Fact]
    public void Tensors_of_nothing_known_are_refused()
    {
        var checkpoint = new Checkpoint().Put("encoder.weight", 2, 2);
        Assert.Contains("encoder.weight", checkpoint.FailOnce(FrontendDiagnostics.UnknownArchitecture).Message, StringComparison.Ordinal);
        new Checkpoint().FailOnce(FrontendDiagnostics.UnknownArchitecture);
    }

    [Fact]
    public void Blocks_of_both_families_are_refused() => Checkpoint.Mamba2().Put(Layer0 + "x_proj.weight", 4, 16).FailOnce(FrontendDiagnostics.UnknownArchitecture);

    [Fact]
    public void A_binarized_Mamba1_is_refused() => Checkpoint.Mamba1().Binarize(0, "in_proj", 1, 8).FailOnce(FrontendDiagnostics.UnknownArchitecture);

    [Fact]
    public void Attention_layers_of_the_configuration_are_named()
    {
        var error = Checkpoint.Mamba2().Set("attn_layer_idx", new JsonArray(9, 18)).FailOnce(FrontendDiagnostics.AttentionLayers);
        Assert.Contains("9, 18", error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Unsupported, error.Descriptor.ExitCode);
    }

    [Fact]
    public void Attention_tensors_are_named_by_layer()
    {
        var error = Checkpoint.Mamba2().Put("backbone.layers.1.self_attn.q_proj.weight", 8, 8).Put("backbone.layers.3.self_attn.k_proj.weight", 8, 8).FailOnce(FrontendDiagnostics.AttentionLayers);
        Assert.Contains("found 2 in layers 1, 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mlp_layers_are_refused()
    {
        Checkpoint.Mamba2().Set("d_intermediate", 64).FailOnce(FrontendDiagnostics.MlpLayers);
        Checkpoint.Mamba2().Put("backbone.layers.0.mlp.fc1.weight", 64, 8).FailOnce(FrontendDiagnostics.MlpLayers);
    }

    [Fact]
    public void Other_norms_are_refused()
    {
        Checkpoint.Mamba2().Set("rms_norm", false).FailOnce(FrontendDiagnostics.OtherNorm);
        Checkpoint.Mamba2().Set("ssm_cfg.rmsnorm", false).FailOnce(FrontendDiagnostics.OtherNorm);
        Checkpoint.Mamba2().Put("backbone.layers.0.norm.bias", 8).FailOnce(FrontendDiagnostics.OtherNorm);
        Checkpoint.Mamba2().Put("backbone.norm_f.bias", 8).FailOnce(FrontendDiagnostics.OtherNorm);
    }

    [Fact]
    public void Other_activations_are_refused() => Checkpoint.HuggingFace().Set("hidden_act", "gelu").FailOnce(FrontendDiagnostics.OtherActivation);

    [Fact]
    public void All_unsupported_features_are_listed()
    {
        var errors = Checkpoint.HuggingFace().Set("hidden_act", "gelu").Set("model_type", "jamba").Put("backbone.layers.0.mlp.fc1.weight", 64, 8).Fail();
        Assert.Equal(["BIM1310", "BIM1312", "BIM1314"], errors.Select(error => error.Id).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("wscale")]
    [InlineData("wbias")]
    public void A_scale_without_a_shift_is_refused(string there)
    {
        var error = Checkpoint.Mamba2().Put(Layer0 + "out_proj." + there, 1, 16).FailOnce(FrontendDiagnostics.HalfFbi);
        Assert.Contains(there == "wscale" ? "out_proj.wbias" : "out_proj.wscale", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scales_of_other_shapes_are_refused()
    {
        Assert.Contains("[1,8], [48,1] or [1]", Checkpoint.Mamba2().Put(Layer0 + "in_proj.wscale", 1, 7).Put(Layer0 + "in_proj.wbias", 1, 8).FailOnce(FrontendDiagnostics.TensorShape).Message, StringComparison.Ordinal);
        Assert.Contains("column pattern", Checkpoint.Mamba2().Put(Layer0 + "in_proj.wscale", 1, 8).Put(Layer0 + "in_proj.wbias", 48, 1).FailOnce(FrontendDiagnostics.TensorShape).Message, StringComparison.Ordinal);
        Checkpoint.Mamba2().Put(Layer0 + "in_proj.wscale", 48).Put(Layer0 + "in_proj.wbias", 1).FailOnce(FrontendDiagnostics.TensorShape);
    }

    [Fact]
    public void Missing_layers_are_named()
    {
        var checkpoint = Checkpoint.Mamba2();
        foreach (var name in checkpoint.Tensors.Keys.Where(name => name.Contains("layers.1.", StringComparison.Ordinal)).ToArray())
        {
            checkpoint.Tensors[name.Replace("layers.1.", "layers.4.", StringComparison.Ordinal)] = checkpoint.Tensors[name];
            checkpoint.Drop(name);
        }

        Assert.Contains("found none of 1, 2, 3", checkpoint.FailOnce(FrontendDiagnostics.LayerGap).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(33, null)]
    [InlineData(16, null)]
    [InlineData(30, 8)]
    [InlineData(30, 1)]
    public void A_vocabulary_that_does_not_fit_the_rows_is_refused(int vocabulary, int? multiple)
    {
        var checkpoint = Checkpoint.Mamba2().Set("vocab_size", vocabulary);
        if (multiple is { } value)
            checkpoint.Set("pad_vocab_size_multiple", value);
        if (vocabulary == 30 && multiple == 8)
            checkpoint.Succeed();
        else
            checkpoint.FailOnce(FrontendDiagnostics.Vocabulary);
    }

    [Fact]
    public void Options_that_do_not_fit_are_refused()
    {
        Assert.Equal(ExitCode.Usage, Checkpoint.Mamba2().FailOnce(FrontendDiagnostics.NormGroupOption, new ImportOptions(NormGroupSize: 5)).Descriptor.ExitCode);
        Checkpoint.Mamba2().FailOnce(FrontendDiagnostics.NormGroupOption, new ImportOptions(NormGroupSize: 0));
        Checkpoint.Mamba1().FailOnce(FrontendDiagnostics.NormGroupOption, new ImportOptions(NormGroupSize: 8));
        Checkpoint.Mamba2().FailOnce(FrontendDiagnostics.FidelityOption, new ImportOptions(Fidelity: "best"));
    }

    [Fact]
    public void Two_tensors_of_one_role_are_refused() =>
        Checkpoint.Mamba2().Put("backbone.embeddings.weight", 32, 8).FailOnce(FrontendDiagnostics.SameRole);

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"a\": 1,}")]
    [InlineData("{\"a\": Infinit}")]
    [InlineData("{\"a\": Infinity2}")]
    [InlineData("{\"a\": 1, \"a\": 2}")]
    [InlineData("{\"\\ud800\": 1}")]
    [InlineData("{\"a\": \"Infinity}")]
    public void Text_that_is_no_object_is_refused(string text)
    {
        var checkpoint = Checkpoint.Mamba2();
        checkpoint.ConfigText = text;
        checkpoint.FailOnce(FrontendDiagnostics.ConfigSyntax);
    }

    [Theory]
    [InlineData("{\"model_type\": \"mamba\", \"hidden_size\": 8, \"time_step_rank\": \"\\udc00\"}")]
    [InlineData("{\"model_type\": \"mamba\", \"hidden_size\": 8, \"layer_norm_epsilon\": {\"__float__\": \"\\udc00\"}}")]
    public void Half_of_a_surrogate_pair_is_an_error_and_no_exception(string text)
    {
        var diagnostics = new DiagnosticBag();
        using var archive = new TensorArchive(new Dictionary<string, ArchiveEntry>(StringComparer.Ordinal), [], []);
        Assert.Null(CheckpointImporter.Import(archive, text, "config.json", new ImportOptions(), diagnostics));
        Assert.True(diagnostics.HasErrors);
    }

    [Fact]
    public void Deep_and_large_text_is_refused()
    {
        var checkpoint = Checkpoint.Mamba2();
        checkpoint.ConfigText = "{\"a\":" + new string('[', 100_000) + new string(']', 100_000) + "}";
        checkpoint.FailOnce(FrontendDiagnostics.ConfigSyntax);
        checkpoint.ConfigText = "{\"a\":\"" + new string('x', 5 << 20) + "\"}";
        checkpoint.FailOnce(FrontendDiagnostics.ConfigSyntax);
    }

    [Fact]
    public void A_syntax_error_has_its_line_and_column()
    {
        var checkpoint = Checkpoint.Mamba2();
        checkpoint.ConfigText = "{\n  \"a\": [Infinity, x]\n}";
        var place = checkpoint.FailOnce(FrontendDiagnostics.ConfigSyntax).Place;
        Assert.Equal((2, 19), (place.Line, place.Column));
    }

    [Theory]
    [InlineData("d_model", "\"8\"")]
    [InlineData("d_model", "8.5")]
    [InlineData("d_model", "-8")]
    [InlineData("d_model", "1e300")]
    [InlineData("d_model", "Infinity")]
    [InlineData("n_layer", "NaN")]
    [InlineData("rms_norm", "1")]
    [InlineData("ssm_cfg", "[]")]
    [InlineData("attn_layer_idx", "{}")]
    [InlineData("attn_layer_idx", "[\"9\"]")]
    [InlineData("model_type", "7")]
    [InlineData("model_type", "\"\\ud800\"")]
    [InlineData("time_step_limit", "[0.5]")]
    [InlineData("time_step_limit", "[NaN, 1]")]
    [InlineData("time_step_limit", "[-Infinity, Infinity]")]
    [InlineData("time_step_limit", "[0.5, 0.25]")]
    [InlineData("time_step_limit", "[0, {\"__float__\": \"big\"}]")]
    public void Values_that_a_key_cannot_have_name_the_key(string key, string value)
    {
        var checkpoint = Checkpoint.Mamba2().Unset(key);
        checkpoint.ConfigText = checkpoint.Config.ToJsonString()[..^1] + $",\"{key}\":{value}}}";
        Assert.Equal(key, checkpoint.FailOnce(FrontendDiagnostics.ConfigValue).Place.Field);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1e-5")]
    [InlineData("\"small\"")]
    [InlineData("Infinity")]
    public void An_epsilon_is_positive_and_finite(string value)
    {
        var checkpoint = Checkpoint.HuggingFace().Unset("layer_norm_epsilon");
        checkpoint.ConfigText = checkpoint.Config.ToJsonString()[..^1] + $",\"layer_norm_epsilon\":{value}}}";
        Assert.Equal("layer_norm_epsilon", checkpoint.FailOnce(FrontendDiagnostics.ConfigValue).Place.Field);
    }

    private static Diagnostic FailText(string config, DiagnosticDescriptor expected)
    {
        var checkpoint = Checkpoint.HuggingFace();
        checkpoint.ConfigText = config;
        return checkpoint.FailOnce(expected);
    }

    [Fact]
    public void Wrong_types_do_not_hide_wrong_tensors()
    {
        var errors = Checkpoint.Mamba2().Set("d_model", "8").Drop(Layer0 + "D").Fail();
        Assert.Equal(["BIM1303", "BIM1305"], errors.Select(error => error.Id).Order(StringComparer.Ordinal));
    }
}
