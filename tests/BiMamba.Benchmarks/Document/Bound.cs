using System.Globalization;
using BiMamba.Benchmarks.Results;

namespace BiMamba.Benchmarks.Document;

/// <summary>A promise about speed or memory, and what was measured of it.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Size">The size that the number is of.</param>
/// <param name="Value">The number, or null where it was not measured.</param>
/// <param name="Limit">The bound, or null where there is none.</param>
/// <param name="IsMinimum">True where the number must not be below the bound, false where it must not be above.</param>
/// <param name="Format">Format of number and bound.</param>
internal sealed record Bound(string What, string? Size, double? Value, double? Limit, bool IsMinimum, string Format)
{
    /// <summary>True, false, or null where nothing can be said.</summary>
    public bool? IsMet => Value is { } value && Limit is { } limit ? (IsMinimum ? value >= limit : value <= limit) : null;

    /// <summary>The number as text, empty where it was not measured.</summary>
    public string ValueText => Text(Value);

    /// <summary>The bound as text, empty where there is none.</summary>
    public string LimitText => Limit is null ? "" : $"{(IsMinimum ? "at least" : "at most")} {Text(Limit)}";

    /// <summary>All rows. A ratio over several sizes is that of the size where it is worst.</summary>
    public static IReadOnlyList<Bound> Of(PerformanceResults results)
    {
        var models = results.Models.ToList();
        var largest = models.Count == 0 ? null : models[^1];
        var evaluation = results.Evaluations is [var first, ..] ? first : null;
        return
        [
            AtLeast("decode over llama.cpp Q1_0, 130m and 780m", Only(models, "130m", "780m"), model => DecodeRatio(model, "q1_0"), 2.5, "0.00x"),
            AtLeast("decode over llama.cpp Q1_0, 1.3b and 2.7b", Only(models, "1.3b", "2.7b"), model => DecodeRatio(model, "q1_0"), 3, "0.00x"),
            AtLeast("decode over the best type of llama.cpp with the same fp16 head, from 780m", Large(models), BestDecodeRatio, 2.5, "0.00x"),
            AtLeast("decode over its byte ceiling, from 780m", Large(models), model => model.Median(round => round.CeilingShare), 0.85, "0.0 %"),
            AtLeast("prefill of 512 over llama.cpp Q4_0, 130m", Only(models, "130m"), model => PrefillRatio(model, "q4_0"), 1.5, "0.00x"),
            AtLeast("prefill of 512 over llama.cpp Q4_0, from 780m", Large(models), model => PrefillRatio(model, "q4_0"), 1.8, "0.00x"),
            AtLeast("prefill of 512 over llama.cpp Q1_0, 130m", Only(models, "130m"), model => PrefillRatio(model, "q1_0"), 3, "0.00x"),
            AtLeast("prefill of 512 over llama.cpp Q1_0, from 780m", Large(models), model => PrefillRatio(model, "q1_0"), 4, "0.00x"),
            AtLeast("sign products of 512 tokens over the fp32 peak", models, LinearShare, 2, "0.00x"),
            new("resident memory while decoding, mapped file included (GB)", largest?.Size, largest is null ? null : Resident(largest) / 1e9, largest?.Size == "2.7b" ? 0.84 : null, false, "0.000"),
            new("map to first token, file and process warm (s)", largest?.Size, largest is null ? null : Again(largest), largest?.Size == "2.7b" ? 0.27 : null, false, "0.000"),
            new("map to first token in a new process, code compiled on the way (s)", largest?.Size, largest?.Median(round => round.FirstToken), null, false, "0.000"),
            new("conversion over a plain copy", results.Conversion?.Size, results.Conversion?.Ratio, 2, false, "0.00x"),
            new("perplexity of small-bimamba over held.txt (s)", evaluation?.Model, evaluation?.Seconds, 60, false, "0.0"),
            new("memory of its own in a conversion (GB)", results.Conversion?.Size, results.Conversion?.AnonymousBytes / 1e9, (1L << 30) / 1e9, false, "0.000"),
        ];
    }

    /// <summary>The most that was resident, in bytes, or null.</summary>
    public static double? Resident(ModelResult model) =>
        model.Rounds.Select(round => (double?)round.Memory?.Resident).Max();

    /// <summary>Seconds from opening a file to the first token in a warm process, or null.</summary>
    public static double? Again(ModelResult model) =>
        model.Rounds.All(round => round.FirstTokenAgain is not null) ? model.Median(round => round.FirstTokenAgain!.Value) : null;

    /// <summary>The worst ratio over the types, because the best type changes with the size.</summary>
    public static double? BestDecodeRatio(ModelResult model) =>
        model.Llama.Select(row => model.Ratio(row.Type, ours => ours.Decode, theirs => theirs.Decode)).Min();

    /// <summary>The ratio of the rates of single tokens, or null.</summary>
    public static double? DecodeRatio(ModelResult model, string type) => model.Ratio(type, ours => ours.Decode, theirs => theirs.Decode);

    /// <summary>The ratio of the rates of a prompt, or null.</summary>
    public static double? PrefillRatio(ModelResult model, string type) => model.Ratio(type, ours => ours.Prefill, theirs => theirs.Prefill);

    /// <summary>The rate of the sign products over the fp32 peak, or null.</summary>
    public static double? LinearShare(ModelResult model) =>
        model.Rounds.All(round => round.LinearShare is not null) ? model.Median(round => round.LinearShare!.Value) : null;

    private static List<ModelResult> Only(IEnumerable<ModelResult> models, params string[] sizes) => [.. models.Where(model => sizes.Contains(model.Size))];

    private static List<ModelResult> Large(IEnumerable<ModelResult> models) => [.. models.Where(model => model.Size is not ("130m" or "370m"))];

    private static Bound AtLeast(string what, List<ModelResult> models, Func<ModelResult, double?> value, double? limit, string format)
    {
        var worst = models.Where(model => value(model) is not null).MinBy(value);
        return new Bound(what, worst?.Size, worst is null ? null : value(worst), limit, true, format);
    }

    private string Text(double? value) => value?.ToString(Format, CultureInfo.InvariantCulture) ?? "";
}
