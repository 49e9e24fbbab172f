using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.Formats.Safetensors;
using BiMamba.Frontend;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Runtime;
using BiMamba.Tensors;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.Models;

/// <summary>Loads, rewrites and runs models in tests.</summary>
internal static class Models
{
    /// <summary>A trained model: the tiny ones are in golden/, the small ones beside the repository.</summary>
    public static string Checkpoint(string folder) =>
        IsTiny(folder) ? Repository.Golden("models", folder) : Repository.RequireShared("models", folder);

    /// <summary>The reference values of a trained model.</summary>
    public static TensorArchive Reference(string folder) => Archive(IsTiny(folder)
        ? Repository.Golden("models", folder + ".logits.safetensors")
        : Repository.RequireShared("oracles", "models", folder + ".logits.safetensors"));

    public static bool IsTiny(string folder) => folder.StartsWith("tiny", StringComparison.Ordinal);

    /// <summary>A module as a .bimb file holds it, mapped.</summary>
    public static BimbFile WriteAndMap(Module module, string path)
    {
        var bag = new DiagnosticBag();
        Assert.True(BimbWriter.Write(path, new BimbContent(module, "{}", BimbTokenizer.None), false, bag), string.Join('\n', bag.Items));
        var file = BimbReader.Open(path, bag);
        Assert.True(file is not null && BimbVerifier.VerifyHashes(file, bag), string.Join('\n', bag.Items));
        return file;
    }

    public static ImportedModel Import(string path, string fidelity = "latent")
    {
        var bag = new DiagnosticBag();
        var model = CheckpointImporter.Import(path, new ImportOptions(Fidelity: fidelity), bag);
        Assert.True(model is not null, string.Join('\n', bag.Items));
        return model;
    }

    public static Module Apply(Module module, string pipeline, DiagnosticBag? diagnostics = null)
    {
        var bag = diagnostics ?? new DiagnosticBag();
        var parsed = PipelineParser.Parse(new SourceText("pipeline", pipeline), PassTable.All, bag);
        Assert.True(parsed is not null, string.Join('\n', bag.Items));
        var result = PassManager.Run(module, parsed, new PassContext(bag, 2, TestContext.Current.CancellationToken));
        Assert.True(result is not null, string.Join('\n', bag.Items));
        return result;
    }

    public static TensorArchive Archive(string path)
    {
        var bag = new DiagnosticBag();
        var archive = SafetensorsReader.OpenFile(path, bag);
        Assert.True(archive is not null, string.Join('\n', bag.Items));
        return archive;
    }

    public static int[] Ids(TensorArchive archive, string name)
    {
        var tensor = archive.Tensors[name].Tensor;
        var bytes = tensor.ToBytes();
        var ids = new int[tensor.Shape.Count];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = checked((int)BitConverter.ToInt64(bytes, i * sizeof(long)));
        return ids;
    }

    /// <summary>Logits [ids, rows]; whole, in chunks of a size, or one token at a time (chunk 1).</summary>
    public static float[] Logits(Module module, ReadOnlySpan<int> ids, int chunk = 128, int threads = 2)
    {
        var runner = new ModelRunner(module, new RuntimeOptions(threads, chunk));
        var state = runner.NewState();
        var logits = new float[ids.Length * runner.VocabularyRows];
        runner.Run(state, ids, (first, rows) => rows.Values[..(rows.Count * rows.Width)].CopyTo(logits.AsSpan(first * rows.Width)));
        return logits;
    }

    public static double MaxDifference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double max = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs((double)expected[i] - actual[i]);
            max = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(max, difference);
        }

        return max;
    }
}
