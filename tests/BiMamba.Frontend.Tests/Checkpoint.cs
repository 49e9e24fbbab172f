using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Frontend.Tests;

/// <summary>A small checkpoint in memory: sound as it is made, and then changed by a test.</summary>
public sealed class Checkpoint
{
    private const string File = "model.safetensors";

    /// <summary>Tensors by name.</summary>
    public Dictionary<string, Tensor> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>The configuration.</summary>
    public JsonObject Config { get; private set; } = [];

    /// <summary>The text of the configuration, where a test writes it itself.</summary>
    public string? ConfigText { get; set; }

    /// <summary>state-spaces Mamba-2: d_model 8, d_inner 16, 4 heads of 4, state 6, two layers, 30 entries in 32 rows.</summary>
    public static Checkpoint Mamba2(int groups = 1, int width = 4, string prefix = "backbone.", string embedding = "embedding", bool wideD = false)
    {
        var checkpoint = new Checkpoint();
        var conv = 16 + (2 * groups * 6);
        checkpoint.Put(prefix + embedding + ".weight", 32, 8).Put(prefix + "norm_f.weight", 8);
        for (var i = 0; i < 2; i++)
        {
            var layer = string.Create(CultureInfo.InvariantCulture, $"{prefix}layers.{i}.");
            checkpoint.Put(layer + "norm.weight", 8)
                .Put(layer + "mixer.in_proj.weight", 16 + conv + 4, 8)
                .Put(layer + "mixer.conv1d.weight", conv, 1, width).Put(layer + "mixer.conv1d.bias", conv)
                .Put(layer + "mixer.dt_bias", 4).Put(layer + "mixer.A_log", 4).Put(layer + "mixer.D", wideD ? 16 : 4)
                .Put(layer + "mixer.norm.weight", 16)
                .Put(layer + "mixer.out_proj.weight", 8, 16);
        }

        checkpoint.Config = new JsonObject
        {
            ["d_model"] = 8,
            ["n_layer"] = 2,
            ["vocab_size"] = 30,
            ["d_intermediate"] = 0,
            ["attn_layer_idx"] = new JsonArray(),
            ["rms_norm"] = true,
            ["tie_embeddings"] = true,
            ["ssm_cfg"] = new JsonObject { ["layer"] = "Mamba2", ["d_state"] = 6, ["headdim"] = 4, ["expand"] = 2, ["ngroups"] = groups },
        };
        return checkpoint;
    }

    /// <summary>Hugging Face Mamba2 of the same sizes.</summary>
    public static Checkpoint HuggingFace(int groups = 1)
    {
        var checkpoint = Mamba2(groups, embedding: "embeddings");
        checkpoint.Config = new JsonObject
        {
            ["model_type"] = "mamba2",
            ["hidden_size"] = 8,
            ["num_hidden_layers"] = 2,
            ["vocab_size"] = 32,
            ["expand"] = 2,
            ["state_size"] = 6,
            ["conv_kernel"] = 4,
            ["num_heads"] = 4,
            ["head_dim"] = 4,
            ["n_groups"] = groups,
            ["layer_norm_epsilon"] = 1e-6,
            ["use_bias"] = false,
            ["use_conv_bias"] = true,
            ["tie_word_embeddings"] = true,
            ["hidden_act"] = "silu",
        };
        return checkpoint;
    }

    /// <summary>state-spaces Mamba-1: d_model 8, d_inner 16, state 3, rank 2, one layer.</summary>
    public static Checkpoint Mamba1()
    {
        var checkpoint = new Checkpoint();
        checkpoint.Put("backbone.embedding.weight", 32, 8).Put("backbone.norm_f.weight", 8);
        const string layer = "backbone.layers.0.";
        checkpoint.Put(layer + "norm.weight", 8)
            .Put(layer + "mixer.in_proj.weight", 32, 8)
            .Put(layer + "mixer.conv1d.weight", 16, 1, 4).Put(layer + "mixer.conv1d.bias", 16)
            .Put(layer + "mixer.x_proj.weight", 8, 16)
            .Put(layer + "mixer.dt_proj.weight", 16, 2).Put(layer + "mixer.dt_proj.bias", 16)
            .Put(layer + "mixer.A_log", 16, 3).Put(layer + "mixer.D", 16)
            .Put(layer + "mixer.out_proj.weight", 8, 16);
        checkpoint.Config = new JsonObject { ["d_model"] = 8, ["n_layer"] = 1, ["vocab_size"] = 30, ["rms_norm"] = true, ["ssm_cfg"] = new JsonObject(), ["pad_vocab_size_multiple"] = 8 };
        return checkpoint;
    }

    /// <summary>Adds or replaces an f32 tensor of small different numbers.</summary>
    public Checkpoint Put(string name, params long[] dims)
    {
        var shape = Shape.Of(dims);
        var values = new float[shape.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = ((i * 7) + name.Sum(letter => letter)) % 101 / 101f;
        Tensors[name] = MemoryTensor.Of(values, shape);
        return this;
    }

    /// <summary>Adds scale and shift to one projection of a layer.</summary>
    public Checkpoint Binarize(int layer, string projection, params long[] dims)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"backbone.layers.{layer}.mixer.{projection}.");
        return Put(name + "wscale", dims).Put(name + "wbias", dims);
    }

    /// <summary>Sets a key of the configuration; a dot reaches into an object.</summary>
    public Checkpoint Set(string key, JsonNode? value)
    {
        var parts = key.Split('.');
        var target = parts.Length == 1 ? Config : Config[parts[0]]!.AsObject();
        target[parts[^1]] = value;
        return this;
    }

    /// <summary>Removes a key of the configuration.</summary>
    public Checkpoint Unset(string key)
    {
        Config.Remove(key);
        return this;
    }

    /// <summary>Removes a tensor.</summary>
    public Checkpoint Drop(string name)
    {
        Assert.True(Tensors.Remove(name), name);
        return this;
    }

    /// <summary>Imports it.</summary>
    public ImportedModel? Import(DiagnosticBag diagnostics, ImportOptions? options = null)
    {
        var entries = Tensors.ToDictionary(pair => pair.Key, pair => new ArchiveEntry(pair.Value, File), StringComparer.Ordinal);
        return CheckpointImporter.Import(
            new TensorArchive(entries, [File], []),
            ConfigText ?? Config.ToJsonString(new JsonSerializerOptions { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals }),
            "config.json",
            options ?? new ImportOptions(),
            diagnostics);
    }

    /// <summary>Imports it without any error, and gives the module.</summary>
    public Module Module(ImportOptions? options = null) => Succeed(options).Module;

    /// <summary>Imports it without any error.</summary>
    public ImportedModel Succeed(ImportOptions? options = null)
    {
        var diagnostics = new DiagnosticBag();
        var model = Import(diagnostics, options);
        Assert.True(model is not null, string.Join('\n', diagnostics.Items));
        Assert.False(diagnostics.HasErrors);
        return model;
    }

    /// <summary>Imports it in vain and gives the diagnostics.</summary>
    public IReadOnlyList<Diagnostic> Fail(ImportOptions? options = null)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(Import(diagnostics, options));
        Assert.True(diagnostics.HasErrors);
        return diagnostics.Items;
    }

    /// <summary>Imports it in vain with exactly one error and gives that.</summary>
    public Diagnostic FailOnce(DiagnosticDescriptor expected, ImportOptions? options = null)
    {
        var error = Assert.Single(Fail(options), item => item.Severity == Severity.Error);
        Assert.True(error.Descriptor == expected, error.ToString());
        return error;
    }
}
