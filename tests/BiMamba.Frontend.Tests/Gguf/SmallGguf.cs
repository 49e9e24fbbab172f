using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Formats.Gguf;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Testing.Building;

namespace BiMamba.Frontend.Tests.Gguf;

/// <summary>The same small weights as a checkpoint and as a GGUF file: sound as they are made, and then changed by a test.</summary>
internal sealed class SmallGguf
{
    private SmallGguf(Checkpoint checkpoint, string architecture, Dictionary<string, GgufValue> metadata)
    {
        Checkpoint = checkpoint;
        Architecture = architecture;
        Metadata = metadata;
        foreach (var (name, tensor) in checkpoint.Tensors.ToArray())
            Add(name, tensor);
    }

    /// <summary>The weights as a checkpoint, whose A_log are those of the decays of the file.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The word of general.architecture.</summary>
    public string Architecture { get; }

    /// <summary>Keys of the file.</summary>
    public Dictionary<string, GgufValue> Metadata { get; }

    /// <summary>Tensors of the file.</summary>
    public Dictionary<string, Tensor> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>Mamba-2, as <see cref="SmallCheckpoint.Mamba2"/>.</summary>
    public static SmallGguf Mamba2(int groups = 1) => new(Checkpoint.Mamba2(groups), "mamba2", new(StringComparer.Ordinal)
    {
        ["general.architecture"] = "mamba2",
        ["mamba2.vocab_size"] = 30u,
        ["mamba2.embedding_length"] = 8u,
        ["mamba2.block_count"] = 2u,
        ["mamba2.attention.layer_norm_rms_epsilon"] = 1e-5f,
        ["mamba2.ssm.conv_kernel"] = 4u,
        ["mamba2.ssm.inner_size"] = 16u,
        ["mamba2.ssm.state_size"] = 6u,
        ["mamba2.ssm.time_step_rank"] = 4u,
        ["mamba2.ssm.group_count"] = (uint)groups,
    });

    /// <summary>Mamba-1, as <see cref="SmallCheckpoint.Mamba1"/>.</summary>
    public static SmallGguf Mamba1() => new(Checkpoint.Mamba1(), "mamba", new(StringComparer.Ordinal)
    {
        ["general.architecture"] = "mamba",
        ["mamba.vocab_size"] = 30u,
        ["mamba.embedding_length"] = 8u,
        ["mamba.block_count"] = 1u,
        ["mamba.attention.layer_norm_rms_epsilon"] = 1e-5f,
        ["mamba.ssm.conv_kernel"] = 4u,
        ["mamba.ssm.inner_size"] = 16u,
        ["mamba.ssm.state_size"] = 3u,
        ["mamba.ssm.time_step_rank"] = 2u,
    });

    /// <summary>Sets a key.</summary>
    public SmallGguf Set(string key, GgufValue value)
    {
        Metadata[key] = value;
        return this;
    }

    /// <summary>Adds or replaces an f32 tensor of small numbers.</summary>
    public SmallGguf Put(string name, params long[] dims)
    {
        Tensors[name] = MemoryTensor.Of(SmallCheckpoint.Values(name, dims), Shape.Of(dims));
        return this;
    }

    /// <summary>Removes a tensor.</summary>
    public SmallGguf Drop(string name)
    {
        Assert.True(Tensors.Remove(name), name);
        return this;
    }

    /// <summary>Writes the file.</summary>
    public void Write(string path) => Assert.True(GgufWriter.Write(
        path, [.. Metadata], [.. Tensors.Select(pair => new GgufTensor(pair.Key, GgmlType.F32, pair.Value))], true, new DiagnosticBag(), CancellationToken.None));

    /// <summary>Writes and imports the file, which gives a model or errors.</summary>
    public T Import<T>(Func<ImportedModel?, IReadOnlyList<Diagnostic>, T> use, ImportOptions? options = null)
    {
        using var folder = new TemporaryFolder();
        Write(folder["m.gguf"]);
        var diagnostics = new DiagnosticBag();
        using var model = CheckpointImporter.Import(folder["m.gguf"], options ?? new ImportOptions(), diagnostics);
        Assert.Equal(model is null, diagnostics.HasErrors);
        return use(model, diagnostics.Items);
    }

    /// <summary>Imports the file in vain with exactly one error and gives that.</summary>
    public Diagnostic FailOnce(DiagnosticDescriptor expected, ImportOptions? options = null) => Import(
        (_, items) =>
        {
            var error = Assert.Single(items, item => item.Severity == Severity.Error);
            Assert.True(error.Descriptor == expected, error.ToString());
            return error;
        },
        options);

    private void Add(string name, Tensor tensor)
    {
        var shape = tensor.Shape;
        var isHeads = Architecture == "mamba2";
        if (name.EndsWith("A_log", StringComparison.Ordinal))
        {
            // The logarithms are those of what binary32 holds of A.
            var decays = tensor.ToSingles().Select(value => (float)-Math.Exp(value)).ToArray();
            Checkpoint.Tensors[name] = MemoryTensor.Of([.. decays.Select(value => (float)Math.Log(-(double)value))], shape);
            tensor = MemoryTensor.Of(decays, shape);
        }

        var parts = name.Split('.', 4);
        if (parts is not [_, "layers", var layer, var rest])
        {
            Tensors[name.Contains("norm_f", StringComparison.Ordinal) ? "output_norm.weight" : "token_embd.weight"] = tensor;
            return;
        }

        var block = string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.");
        var groups = Metadata.TryGetValue("mamba2.ssm.group_count", out var count) ? count.AsInteger()!.Value : 1;
        var (own, dims) = rest switch
        {
            "norm.weight" => ("attn_norm.weight", null),
            "mixer.in_proj.weight" => ("ssm_in.weight", null),
            "mixer.out_proj.weight" => ("ssm_out.weight", null),
            "mixer.conv1d.weight" => ("ssm_conv1d.weight", [shape[0], shape[2]]),
            "mixer.conv1d.bias" => ("ssm_conv1d.bias", null),
            "mixer.x_proj.weight" => ("ssm_x.weight", null),
            "mixer.dt_proj.weight" => ("ssm_dt.weight", null),
            "mixer.dt_proj.bias" or "mixer.dt_bias" => ("ssm_dt.bias", null),
            "mixer.A_log" => ("ssm_a", isHeads ? [shape[0], 1] : null),
            "mixer.D" => ("ssm_d", isHeads ? [shape[0], 1] : null),
            "mixer.norm.weight" => ("ssm_norm.weight", (long[]?)[groups, shape[0] / groups]),
            _ => throw new ArgumentException(name, nameof(name)),
        };
        Tensors[block + own] = dims is null ? tensor : MemoryTensor.Of(tensor.ToSingles(), Shape.Of(dims));
    }
}
