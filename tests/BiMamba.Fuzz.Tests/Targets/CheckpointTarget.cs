using System.Text.Json;
using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.Frontend;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Fuzz.Tests.Mutation;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Testing.Building;
using Encoding = System.Text.Encoding;

namespace BiMamba.Fuzz.Tests.Targets;

/// <summary>
/// A configuration and the names and dimensions of tensors, imported as a checkpoint. The input is a document of both: the
/// first line holds the tensors, the rest is config.json.
/// </summary>
internal sealed class CheckpointTarget : FuzzTarget
{
    private static readonly string[] Words =
    [
        "\"d_model\"", "\"hidden_size\"", "\"dim\"", "\"n_layer\"", "\"num_hidden_layers\"", "\"vocab_size\"", "\"pad_vocab_size_multiple\"", "\"intermediate_size\"", "\"expand\"", "\"state_size\"", "\"conv_kernel\"", "\"num_heads\"",
        "\"head_dim\"", "\"n_groups\"", "\"ngroups\"", "\"time_step_rank\"", "\"time_step_limit\"", "\"tie_embeddings\"", "\"use_bias\"", "\"use_conv_bias\"", "\"rms_norm\"", "\"norm_before_gate\"", "\"layer_norm_epsilon\"", "\"mixer_rms_eps\"",
        "\"attn_layer_idx\"", "\"d_intermediate\"", "\"hidden_act\"", "\"model_type\"", "\"ssm_cfg\"", "\"quantization_config\"", "\"silu\"", "\"mamba\"", "\"mamba2\"", "\"auto\"", "\"falcon_mamba\"", "[0,Infinity]", "Infinity", "-Infinity", "NaN",
        "{\"ngroups\":2}", "{\"ngroups\":2147483647}", "{\"d_state\":3,\"layer\":\"Mamba1\"}", "{\"dt_limit\":[0,1]}", "1e308", "[8]", "[16,8]", "[4]", "[32,8]", "[8,16]", "[28,1,4]",
    ];

    private static readonly string[] Names =
    [
        "\"backbone.layers.0.mixer.in_proj.wscale\"", "\"backbone.layers.0.mixer.in_proj.wbias\"", "\"backbone.layers.0.mixer.x_proj.weight\"", "\"backbone.layers.7.norm.weight\"", "\"backbone.layers.99999999999.norm.weight\"",
        "\"backbone.layers.-1.norm.weight\"", "\"backbone.layers.0.mixer.A_log\"", "\"lm_head.weight\"", "\"model.layers.0.norm.weight\"", "\"backbone.embeddings.weight\"", "\"\"", "\"x\"", "[2147483647,2147483647]", "[9223372036854775807]", "[0]", "[]",
        "[8,8]", "[16]", "[1,1,1,1,1]",
    ];

    private readonly (JsonTree Tensors, JsonTree Config)[] trees =
    [
        Of(SmallCheckpoint.Mamba2()), Of(SmallCheckpoint.Mamba2(2)), Of(SmallCheckpoint.HuggingFace()), Of(SmallCheckpoint.HuggingFace(2)), Of(SmallCheckpoint.Mamba1()),
    ];

    /// <summary>Makes the seeds.</summary>
    public CheckpointTarget() => Seeds = [.. trees.Select(tree => Join(tree.Tensors, tree.Config.ToBytes()))];

    /// <inheritdoc/>
    public override string Name => "checkpoint";

    /// <inheritdoc/>
    public override string Extension => ".json";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; }

    /// <inheritdoc/>
    public override byte[] Mutate(FuzzRandom random)
    {
        var (tensors, config) = random.Pick(trees);
        var changed = random.OneIn(3) ? Shapes(JsonMutator.Tree(random, tensors, Names)) ?? tensors : tensors;
        return Join(changed, changed != tensors && random.OneIn(2) ? config.ToBytes() : JsonMutator.Mutate(random, config, Words));
    }

    /// <inheritdoc/>
    public override bool Accepts(FuzzInput input, DiagnosticBag diagnostics)
    {
        var end = input.Bytes.AsSpan().IndexOf((byte)'\n');
        var tensors = new Dictionary<string, ArchiveEntry>(StringComparer.Ordinal);
        foreach (var (name, dims) in JsonSerializer.Deserialize<Dictionary<string, long[]>>(input.Bytes.AsSpan(0, end))!)
        {
            if (Shape.TryCreate(dims, out var shape) && shape.Count < 1 << 20)
                tensors[name] = new ArchiveEntry(new ZeroTensor(shape), "model.safetensors");
        }

        using var archive = new TensorArchive(tensors, ["model.safetensors"], []);
        using var model = CheckpointImporter.Import(archive, Encoding.UTF8.GetString(input.Bytes.AsSpan(end + 1)), "config.json", new ImportOptions(), diagnostics);
        if (model is null)
            return false;
        Assert.NotEmpty(IrPrinter.Print(model.Module, withHashes: false));
        foreach (var resource in model.Module.Resources.Values)
            input.ReadAll(resource.Data);
        return true;
    }

    /// <summary>Null where a change left something that is no dimensions: what reads tensors has judged those.</summary>
    private static JsonTree? Shapes(JsonTree tree)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, long[]>>(tree.ToBytes()) is { } read && read.Values.All(dims => dims is not null) ? tree : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Join(JsonTree tensors, byte[] config) => [.. tensors.ToBytes(), (byte)'\n', .. config];

    private static (JsonTree Tensors, JsonTree Config) Of(SmallCheckpoint checkpoint)
    {
        var tensors = new JsonObject(checkpoint.Tensors.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, new JsonArray([.. pair.Value.Select(dim => (JsonNode)dim)]))));
        return (JsonTree.Parse(Encoding.UTF8.GetBytes(tensors.ToJsonString())), JsonTree.Parse(Encoding.UTF8.GetBytes(checkpoint.Config.ToJsonString())));
    }

    /// <summary>An f32 tensor of zeros.</summary>
    private sealed class ZeroTensor(Shape shape) : Tensor(ElementType.F32, shape)
    {
        public override void Read(long offset, Span<byte> destination)
        {
            CheckRange(offset, destination.Length);
            destination.Clear();
        }
    }
}

/// <summary>Runs <see cref="CheckpointTarget"/>.</summary>
public sealed class CheckpointTests : FuzzTests
{
    private protected override FuzzTarget Target { get; } = new CheckpointTarget();
}
