using BiMamba.Passes.Shared.Coding;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Rtn;

/// <summary>Rounds every weight to the nearest level of its grid: the baseline of post-training quantization.</summary>
public sealed class RtnPass : WeightOnlyPass
{
    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "rtn",
        "Dense linears become codes, each weight rounded to the nearest level of its grid.",
        LinearTargets.Levels,
        [.. GridOptions.All(2), .. LinearTargets.Options],
        "rtn{bits=4, group=128}")
    {
        IsApproximate = true,
    };

    /// <inheritdoc/>
    protected override LoweredWeight Lower(WeightMatrix weight, PassOptions options, ParallelOptions parallel) => new LoweredCodes(
        RoundToNearest.Quantize(weight.Values, weight.Rows, weight.Columns, GridOptions.Grid(options), options.Int(GridOptions.Group), parallel));
}
