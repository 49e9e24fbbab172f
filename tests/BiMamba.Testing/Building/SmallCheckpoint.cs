using System.Globalization;
using System.Text.Json.Nodes;

namespace BiMamba.Testing.Building;

/// <summary>A small checkpoint: names and dimensions of f32 tensors, and the configuration. Sound as it is made, and then changed by a test.</summary>
public sealed class SmallCheckpoint
{
    /// <summary>Dimensions by tensor name, in the order in which they were put.</summary>
    public Dictionary<string, long[]> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>The configuration.</summary>
    public JsonObject Config { get; private set; } = [];

    /// <summary>state-spaces Mamba-2: d_model 8 or another, d_inner twice that, 4 heads, state 6, two layers, 30 entries in 32 rows.</summary>
    public static SmallCheckpoint Mamba2(int groups = 1, int width = 4, string prefix = "backbone.", string embedding = "embedding", bool wideD = false, int model = 8)
    {
        var checkpoint = new SmallCheckpoint();
        var inner = 2 * model;
        var conv = inner + (2 * groups * 6);
        checkpoint.Put(prefix + embedding + ".weight", 32, model).Put(prefix + "norm_f.weight", model);
        for (var i = 0; i < 2; i++)
        {
            var layer = string.Create(CultureInfo.InvariantCulture, $"{prefix}layers.{i}.");
            checkpoint.Put(layer + "norm.weight", model)
                .Put(layer + "mixer.in_proj.weight", inner + conv + 4, model)
                .Put(layer + "mixer.conv1d.weight", conv, 1, width).Put(layer + "mixer.conv1d.bias", conv)
                .Put(layer + "mixer.dt_bias", 4).Put(layer + "mixer.A_log", 4).Put(layer + "mixer.D", wideD ? inner : 4)
                .Put(layer + "mixer.norm.weight", inner)
                .Put(layer + "mixer.out_proj.weight", model, inner);
        }

        checkpoint.Config = new JsonObject
        {
            ["d_model"] = model,
            ["n_layer"] = 2,
            ["vocab_size"] = 30,
            ["d_intermediate"] = 0,
            ["attn_layer_idx"] = new JsonArray(),
            ["rms_norm"] = true,
            ["tie_embeddings"] = true,
            ["ssm_cfg"] = new JsonObject { ["layer"] = "Mamba2", ["d_state"] = 6, ["headdim"] = inner / 4, ["expand"] = 2, ["ngroups"] = groups },
        };
        return checkpoint;
    }

    /// <summary>Hugging Face Mamba2 of the same sizes.</summary>
    public static SmallCheckpoint HuggingFace(int groups = 1)
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

    /// <summary>state-spaces Mamba-1: d_model 8, d_inner 16 or another, state 3, rank 2, one layer.</summary>
    public static SmallCheckpoint Mamba1(int inner = 16)
    {
        var checkpoint = new SmallCheckpoint();
        checkpoint.Put("backbone.embedding.weight", 32, 8).Put("backbone.norm_f.weight", 8);
        const string layer = "backbone.layers.0.";
        checkpoint.Put(layer + "norm.weight", 8)
            .Put(layer + "mixer.in_proj.weight", 2 * inner, 8)
            .Put(layer + "mixer.conv1d.weight", inner, 1, 4).Put(layer + "mixer.conv1d.bias", inner)
            .Put(layer + "mixer.x_proj.weight", 8, inner)
            .Put(layer + "mixer.dt_proj.weight", inner, 2).Put(layer + "mixer.dt_proj.bias", inner)
            .Put(layer + "mixer.A_log", inner, 3).Put(layer + "mixer.D", inner)
            .Put(layer + "mixer.out_proj.weight", 8, inner);
        checkpoint.Config = new JsonObject { ["d_model"] = 8, ["n_layer"] = 1, ["vocab_size"] = 30, ["rms_norm"] = true, ["ssm_cfg"] = new JsonObject(), ["pad_vocab_size_multiple"] = 8 };
        return checkpoint;
    }

    /// <summary>Small different numbers, fixed by the name of the tensor.</summary>
    public static float[] Values(string name, long[] dims)
    {
        var values = new float[dims.Aggregate(1L, (product, dim) => product * dim)];
        for (var i = 0; i < values.Length; i++)
            values[i] = ((i * 7) + name.Sum(letter => letter)) % 101 / 101f;
        return values;
    }

    /// <summary>Adds or replaces a tensor.</summary>
    public SmallCheckpoint Put(string name, params long[] dims)
    {
        Tensors[name] = dims;
        return this;
    }

    /// <summary>Sets a key of the configuration; a dot reaches into an object.</summary>
    public SmallCheckpoint Set(string key, JsonNode? value)
    {
        var parts = key.Split('.');
        var target = parts.Length == 1 ? Config : Config[parts[0]]!.AsObject();
        target[parts[^1]] = value;
        return this;
    }

    /// <summary>Removes a key of the configuration.</summary>
    public SmallCheckpoint Unset(string key)
    {
        Config.Remove(key);
        return this;
    }
}
