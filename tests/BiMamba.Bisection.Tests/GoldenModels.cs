using BiMamba.Diagnostics;
using BiMamba.Frontend;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Runtime;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.Bisection;

/// <summary>The models in the repository, and pipelines over passes with or without faults.</summary>
internal static class GoldenModels
{
    public const string Binarized = "tiny-bimamba-official";

    public const string Float = "tiny-mamba2-hf";

    public static ImportedModel Import(string folder) => ImportFrom(Repository.Golden("models", folder));

    public static ImportedModel ImportFrom(string path)
    {
        var bag = new DiagnosticBag();
        var model = CheckpointImporter.Import(path, new ImportOptions(), bag);
        Assert.True(model is not null, string.Join('\n', bag.Items));
        return model;
    }

    /// <summary>A pipeline in which one pass is another object of the same name.</summary>
    public static PassPipeline Pipeline(string text, Pass? replacement = null)
    {
        var bag = new DiagnosticBag();
        Pass[] passes = [.. PassTable.All.Select(pass => pass.Info.Name == replacement?.Info.Name ? replacement : pass)];
        var pipeline = PipelineParser.Parse(new SourceText("pipeline", text), passes, bag);
        Assert.True(pipeline is not null, string.Join('\n', bag.Items));
        return pipeline;
    }

    public static BisectionResult Bisect(IR.Module module, PassPipeline pipeline, double tolerance = BisectionRequest.DefaultTolerance, int[]? ids = null)
    {
        var bag = new DiagnosticBag();
        var request = new BisectionRequest(module, pipeline, ids ?? BisectionRequest.DefaultIds(module.VocabularyRows), tolerance, new RuntimeOptions(2));
        var result = new Bisector(request, TestContext.Current.CancellationToken).Run(bag);
        Assert.True(result is not null, string.Join('\n', bag.Items));
        return result;
    }
}
