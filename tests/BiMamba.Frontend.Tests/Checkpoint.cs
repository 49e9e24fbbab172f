using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Testing.Building;

namespace BiMamba.Frontend.Tests;

/// <summary>A small checkpoint in memory: sound as it is made, and then changed by a test.</summary>
public sealed class Checkpoint
{
    private const string File = "model.safetensors";
    private readonly SmallCheckpoint small;

    /// <summary>A checkpoint without tensors and keys.</summary>
    public Checkpoint()
        : this(new SmallCheckpoint())
    {
    }

    private Checkpoint(SmallCheckpoint small)
    {
        this.small = small;
        foreach (var (name, dims) in small.Tensors)
            Put(name, dims);
    }

    /// <summary>Tensors by name.</summary>
    public Dictionary<string, Tensor> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>The configuration.</summary>
    public JsonObject Config => small.Config;

    /// <summary>The text of the configuration, where a test writes it itself.</summary>
    public string? ConfigText { get; set; }

    /// <inheritdoc cref="SmallCheckpoint.Mamba2"/>
    public static Checkpoint Mamba2(int groups = 1, int width = 4, string prefix = "backbone.", string embedding = "embedding", bool wideD = false) =>
        new(SmallCheckpoint.Mamba2(groups, width, prefix, embedding, wideD));

    /// <inheritdoc cref="SmallCheckpoint.HuggingFace"/>
    public static Checkpoint HuggingFace(int groups = 1) => new(SmallCheckpoint.HuggingFace(groups));

    /// <inheritdoc cref="SmallCheckpoint.Mamba1"/>
    public static Checkpoint Mamba1() => new(SmallCheckpoint.Mamba1());

    /// <summary>Adds or replaces an f32 tensor of small different numbers.</summary>
    public Checkpoint Put(string name, params long[] dims)
    {
        Tensors[name] = MemoryTensor.Of(SmallCheckpoint.Values(name, dims), Shape.Of(dims));
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
        small.Set(key, value);
        return this;
    }

    /// <summary>Removes a key of the configuration.</summary>
    public Checkpoint Unset(string key)
    {
        small.Unset(key);
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
