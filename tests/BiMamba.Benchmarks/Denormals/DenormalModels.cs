using BiMamba.Diagnostics;
using BiMamba.Frontend;
using BiMamba.IR;
using BiMamba.Synthesis;
using BiMamba.Tensors;

namespace BiMamba.Benchmarks.Denormals;

/// <summary>A random Mamba-2 of 130 million weights and a small vocabulary, and forms of it whose numbers are subnormal in one place each.</summary>
internal sealed class DenormalModels : IDisposable
{
    private const float Tiny = 1e-39f;
    private readonly string folder;
    private readonly ImportedModel imported;

    /// <summary>Makes the model.</summary>
    /// <exception cref="IOException">The disk has no room for it.</exception>
    public DenormalModels()
    {
        folder = Directory.CreateTempSubdirectory("bimamba-denormals-").FullName;
        var diagnostics = new DiagnosticBag();
        var options = SynthesisOptions.Create("mamba2", "130m", 256, 0, "f32", diagnostics)!;
        if (!Synthesizer.Write(options, folder, force: false, diagnostics, null, CancellationToken.None) || CheckpointImporter.Import(folder, new ImportOptions(), diagnostics) is not { } model)
            throw new IOException(string.Join('\n', diagnostics.Items));
        imported = model;
    }

    /// <summary>The model as it is.</summary>
    public Module Plain => imported.Module;

    /// <summary>All projections out of layers are subnormal numbers.</summary>
    public Module Weights => Scaled((name, _) => name.EndsWith("out_proj.weight", StringComparison.Ordinal) ? Tiny : 1);

    /// <summary>What enters the scans is subnormal, and so are their states: the convolutions of x, but not those of B and C.</summary>
    public Module States => Scaled((name, row) => name.Contains(".conv", StringComparison.Ordinal) && row < 2 * 768 ? Tiny : 1);

    /// <summary>Token 0 is zero everywhere: behind other tokens the states decay, until they are subnormal.</summary>
    public Module Decay
    {
        get
        {
            var module = Scaled((name, row) => name.Contains(".conv", StringComparison.Ordinal) && name.EndsWith("bias", StringComparison.Ordinal) ? 0 : 1);
            return With(module, "embedding", (row, value) => row == 0 ? 0 : value);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        imported.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private Module Scaled(Func<string, long, float> factor)
    {
        var module = Plain;
        foreach (var name in module.Resources.Keys)
            module = With(module, name, (row, value) => value * factor(name, row), exact: true);
        return module;
    }

    private static Module With(Module module, string name, Func<long, float, float> change, bool exact = false)
    {
        var resource = module.Resources.Values.First(candidate => exact ? candidate.Name == name : candidate.Name.StartsWith(name, StringComparison.Ordinal));
        var values = resource.Data.ToSingles();
        var width = values.Length / resource.Shape[0];
        for (var i = 0; i < values.Length; i++)
            values[i] = change(i / width, values[i]);
        return module with { Resources = module.Resources.SetItem(resource.Name, new Resource(resource.Name, MemoryTensor.Of(values, resource.Shape))) };
    }
}
