using BiMamba.Evaluation;

namespace BiMamba.Toolchain.Recipes;

/// <summary>The sketch of the n-grams of a calibration's windows: tokens of an n-gram, the largest hash that it could have, and its hashes in base64.</summary>
internal sealed record NgramsJson(int N, long Limit, string Hashes)
{
    /// <summary>The sketch of windows; null where all are shorter than an n-gram.</summary>
    public static NgramsJson? Of(IEnumerable<int[]> windows, int length) =>
        NgramSketch.Of(windows, length) is { } sketch ? new NgramsJson(sketch.Length, sketch.Limit, sketch.ToBase64()) : null;

    /// <summary>The sketch; null for malformed JSON, in which text can be missing, too.</summary>
    public NgramSketch? ToSketch() => Hashes is not null && NgramSketch.TryParse(N, Limit, Hashes, out var sketch) ? sketch : null;
}
