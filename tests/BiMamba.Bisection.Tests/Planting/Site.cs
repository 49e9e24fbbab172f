namespace BiMamba.Bisection.Planting;

/// <summary>Where a pass stands in a pipeline, and what it costs honestly.</summary>
/// <param name="Model">The model that is rewritten.</param>
/// <param name="Pipeline">The pipeline.</param>
/// <param name="Stage">The stage of the pass.</param>
/// <param name="Tolerance">More than twice what the pipeline does to the logits without a fault.</param>
internal sealed record Site(string Model, string Pipeline, int Stage, double Tolerance = BisectionRequest.DefaultTolerance)
{
    /// <summary>True where the pass rewrites a norm together with the linear that reads it, or makes that another op: the result of the norm is not compared alone.</summary>
    public bool JoinsNorms { get; init; }

    /// <summary>A site for every pass.</summary>
    public static IReadOnlyDictionary<string, Site> All { get; } = new Dictionary<string, Site>(StringComparer.Ordinal)
    {
        ["rename"] = new(GoldenModels.Binarized, "rename{map=[[\"layers.*\", \"model.layers.*\"]]} | fold-fbi", 0),
        ["canonicalize"] = new(GoldenModels.Float, "canonicalize | cast{dtype=f32}", 0),
        ["fuse"] = new(GoldenModels.Binarized, "pack | fuse", 1) { JoinsNorms = true },
        ["fold-fbi"] = new(GoldenModels.Binarized, "fold-fbi | pack", 0) { JoinsNorms = true },
        ["tie-weights"] = new(GoldenModels.Binarized, "untie | tie-weights", 1),
        ["untie"] = new(GoldenModels.Binarized, "untie | tie-weights", 0),
        ["dequantize"] = new(GoldenModels.Binarized, "dequantize | cast{dtype=f32}", 0) { JoinsNorms = true },
        ["cast"] = new(GoldenModels.Float, "cast{dtype=bf16, vectors=true}", 0, 0.5),
        ["quantize-embedding"] = new(GoldenModels.Binarized, "fold-fbi | quantize-embedding{bits=8}", 1, 0.5),
        ["pack"] = new(GoldenModels.Binarized, "fold-fbi | pack", 1),
    };

    /// <summary>The value of a block that shows a fault of another.</summary>
    public string Visible(string value) => (JoinsNorms, value) switch
    {
        (true, "n") => "p",
        (true, "g") => "o",
        _ => value,
    };
}
