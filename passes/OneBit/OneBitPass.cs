using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;

namespace BiMamba.Passes.OneBit;

/// <summary>Signs with a rank-1 magnitude: the sign-value-independent decomposition of OneBit (arXiv 2402.11295), without its training.</summary>
public sealed class OneBitPass : WeightOnlyPass
{
    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "onebit",
        "Dense linears become signs with a scale by row and one by column, the best rank-1 form of the magnitudes.",
        LinearTargets.Levels,
        LinearTargets.Options,
        "onebit")
    {
        IsApproximate = true,
    };

    /// <inheritdoc/>
    protected override LoweredWeight Lower(WeightMatrix weight, PassOptions options, ParallelOptions parallel) =>
        new LoweredSigns(Svid.Decompose(weight.Values, weight.Rows, weight.Columns, parallel));
}
