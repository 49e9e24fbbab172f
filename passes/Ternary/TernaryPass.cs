using BiMamba.Passes.Shared.Coding;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Ternary;

/// <summary>Weights in {-1, 0, +1} times the mean magnitude (BitNet b1.58, arXiv 2402.17764), without its training.</summary>
public sealed class TernaryPass : WeightOnlyPass
{
    private const string Scale = "scale";
    private const int Bits = 2;
    private const int Middle = 1 << (Bits - 1);

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "ternary",
        "Dense linears become 2-bit codes of -1, 0 and +1 times the mean magnitude.",
        LinearTargets.Levels,
        [new PassOption(Scale, new OptionValue.Word("tensor"), "what shares a scale") { Allowed = ["tensor", "row"] }, .. LinearTargets.Options],
        "ternary")
    {
        IsApproximate = true,
    };

    /// <inheritdoc/>
    protected override LoweredWeight Lower(WeightMatrix weight, PassOptions options, ParallelOptions parallel)
    {
        var ternary = Absmean.Quantize(weight.Values, weight.Rows, weight.Columns, Enum.Parse<ScaleAxis>(options.Word(Scale), ignoreCase: true));
        var isShared = ternary.Gamma.Length == 1;
        var scale = isShared ? [.. Enumerable.Repeat(ternary.Gamma[0], weight.Rows)] : ternary.Gamma;
        var codes = Array.ConvertAll(ternary.Trits, trit => (byte)(trit + Middle));
        return new LoweredCodes(
            new CodedWeight(weight.Rows, weight.Columns, Bits, 0, codes, scale, [.. Enumerable.Repeat((byte)Middle, weight.Rows)], null),
            isShared ? ternary.Gamma[0] : null);
    }
}
