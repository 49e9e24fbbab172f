using BiMamba.Diagnostics;
using BiMamba.Frontend;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Runtime;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Testing.Building;
using BiMamba.Text;

namespace BiMamba.Export.Tests;

/// <summary>Models to export, and what is done with them.</summary>
internal static class Models
{
    /// <summary>A small checkpoint in memory, without errors.</summary>
    public static ImportedModel Small(SmallCheckpoint small, Action<Dictionary<string, Tensor>>? change = null)
    {
        const string file = "model.safetensors";
        var tensors = small.Tensors.ToDictionary(pair => pair.Key, pair => (Tensor)MemoryTensor.Of(SmallCheckpoint.Values(pair.Key, pair.Value), Shape.Of(pair.Value)), StringComparer.Ordinal);
        change?.Invoke(tensors);
        var diagnostics = new DiagnosticBag();
        var archive = new TensorArchive(tensors.ToDictionary(pair => pair.Key, pair => new ArchiveEntry(pair.Value, file), StringComparer.Ordinal), [file], []);
        return Good(CheckpointImporter.Import(archive, small.Config.ToJsonString(), "config.json", new ImportOptions(), diagnostics), diagnostics);
    }

    /// <summary>A model of a folder or file, without errors.</summary>
    public static ImportedModel Load(string path)
    {
        var diagnostics = new DiagnosticBag();
        return Good(CheckpointImporter.Import(path, new ImportOptions(), diagnostics), diagnostics);
    }

    /// <summary>One of the trained models of golden/.</summary>
    public static ImportedModel Golden(string name) => Load(Repository.Golden("models", name));

    /// <summary>The module after a pipeline.</summary>
    public static Module Apply(Module module, string pipeline)
    {
        var diagnostics = new DiagnosticBag();
        var stages = Good(PassTable.Parse(new SourceText("pipeline", pipeline), diagnostics), diagnostics);
        return Good(PassManager.Run(module, stages, new PassContext(diagnostics, 2, TestContext.Current.CancellationToken)), diagnostics);
    }

    /// <summary>Logits [ids, rows] by the reference engine.</summary>
    public static float[] Logits(Module module, ReadOnlySpan<int> ids)
    {
        var runner = new ModelRunner(module, RuntimeOptions.Reference);
        var logits = new float[ids.Length * runner.VocabularyRows];
        runner.Run(runner.NewState(), ids, (first, rows) => Copy(rows, logits.AsSpan(first * runner.VocabularyRows)));
        return logits;
    }

    /// <summary>The largest difference of logits.</summary>
    public static float Difference(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        Assert.Equal(expected.Length, found.Length);
        float largest = 0;
        for (var i = 0; i < expected.Length; i++)
            largest = Math.Max(largest, Math.Abs(expected[i] - found[i]));
        return largest;
    }

    /// <summary>A result that is there.</summary>
    public static T Good<T>(T? result, DiagnosticBag diagnostics)
        where T : class
    {
        Assert.True(result is not null && !diagnostics.HasErrors, string.Join('\n', diagnostics.Items));
        return result;
    }

    private static void Copy(Rows rows, Span<float> destination)
    {
        for (var t = 0; t < rows.Count; t++)
            rows[t].CopyTo(destination[(t * rows.Width)..]);
    }
}
