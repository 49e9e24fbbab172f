using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Frontend.Tests;

/// <summary>Checkpoints with random faults: whatever is wrong, the import answers with diagnostics or a sound module.</summary>
public sealed class MutationTests
{
    private static readonly long[] Sizes = [0, 1, 2, 3, 4, 5, 6, 8, 12, 16, 28, 32, 48];

    private static readonly string[] Keys =
    [
        "d_model", "hidden_size", "dim", "n_layer", "num_hidden_layers", "vocab_size", "pad_vocab_size_multiple", "intermediate_size", "expand", "state_size",
        "conv_kernel", "num_heads", "head_dim", "n_groups", "ngroups", "time_step_rank", "time_step_limit", "tie_embeddings", "use_bias", "use_conv_bias", "rms_norm",
        "norm_before_gate", "layer_norm_epsilon", "mixer_rms_eps", "attn_layer_idx", "d_intermediate", "hidden_act", "model_type", "ssm_cfg", "quantization_config",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "1", "2", "3", "4", "8", "16", "-1", "0.5", "1e308", "2147483647", "9223372036854775807", "[]", "[0, 1]", "[1]", "{}", "\"silu\"", "\"mamba\"", "\"mamba2\"",
        "\"auto\"", "\"falcon_mamba\"", "{\"ngroups\": 2}", "{\"ngroups\": 2147483647}", "{\"d_state\": 3, \"layer\": \"Mamba1\"}", "{\"dt_limit\": [0, 1]}",
    ];

    [Fact]
    public void Faulty_checkpoints_never_throw()
    {
        const int count = 2000;
        var (refused, imported) = (0, 0);
        for (var seed = 0; seed < count; seed++)
        {
            var random = new Random(seed);
            var checkpoint = Start(random);
            for (var i = random.Next(1, 4); i > 0; i--)
                Mutate(checkpoint, random);
            var options = new ImportOptions(NormGroupSize: random.Next(6) == 0 ? random.Next(-1, 17) : null);
            var diagnostics = new DiagnosticBag();
            var model = checkpoint.Import(diagnostics, options);
            Assert.Equal(model is null, diagnostics.HasErrors);
            if (model is null)
                refused++;
            else if (Verifier.Verify(model.Module, "test", diagnostics))
                imported++;
        }

        // Both outcomes are exercised, and no module that the verifier refuses came out.
        Assert.Equal(count, refused + imported);
        Assert.InRange(imported, count / 20, count / 2);
    }

    private static Checkpoint Start(Random random) => random.Next(4) switch
    {
        0 => Checkpoint.Mamba1(),
        1 => Checkpoint.HuggingFace(random.Next(1, 3)),
        2 => Checkpoint.Mamba2(random.Next(1, 3)),
        _ => Checkpoint.Mamba2().Binarize(0, "in_proj", 1, 8).Binarize(1, "out_proj", 8, 1),
    };

    private static void Mutate(Checkpoint checkpoint, Random random)
    {
        var name = checkpoint.Tensors.Keys.ElementAt(random.Next(checkpoint.Tensors.Count));
        switch (random.Next(12))
        {
            case 0:
                checkpoint.Drop(name);
                break;
            case 1:
                var dims = checkpoint.Tensors[name].Shape.Dims.ToArray();
                if (dims.Length > 0)
                    dims[random.Next(dims.Length)] = Sizes[random.Next(Sizes.Length)];
                checkpoint.Put(name, dims);
                break;
            case 2:
                checkpoint.Put(name, [.. Enumerable.Range(0, random.Next(5)).Select(_ => Sizes[random.Next(Sizes.Length)])]);
                break;
            case 3:
                checkpoint.Tensors[name.Replace("layers.1.", "layers.7.", StringComparison.Ordinal) + (random.Next(2) == 0 ? "x" : "")] = checkpoint.Tensors[name];
                break;
            case 4:
                var row = TensorNameMap.All[random.Next(TensorNameMap.All.Length)];
                checkpoint.Tensors["backbone." + TensorNameMap.Resource(row.Pattern, random.Next(3))] = checkpoint.Tensors[name];
                break;
            default:
                checkpoint.Set(Keys[random.Next(Keys.Length)], JsonNode.Parse(Values[random.Next(Values.Length)]));
                break;
        }
    }
}
