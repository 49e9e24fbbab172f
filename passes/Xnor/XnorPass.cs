using BiMamba.Passes.Shared.Coding;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Xnor;

/// <summary>Signs with the mean magnitude as their scale (XNOR-Net, arXiv 1603.05279).</summary>
public sealed class XnorPass : WeightOnlyPass
{
    private const string Scale = "scale";
    private const string Center = "center";

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "xnor",
        "Dense linears become signs with a scale by row, column or tensor.",
        LinearTargets.Levels,
        [
            new PassOption(Scale, new OptionValue.Word("row"), "what shares a scale") { Allowed = ["row", "column", "tensor"] },
            new PassOption(Center, new OptionValue.Word("none"), "none as in the paper; subtract takes signs about the mean of the row, which is dropped; restore scales about the mean, which stays, and takes the signs of the weights themselves, as FBI-Linear begins") { Allowed = ["none", "subtract", "restore"] },
            .. LinearTargets.Options,
        ],
        "xnor{scale=row}")
    {
        IsApproximate = true,
    };

    /// <inheritdoc/>
    protected override LoweredWeight Lower(WeightMatrix weight, PassOptions options, ParallelOptions parallel) => new LoweredSigns(
        XnorQuantizer.Quantize(weight.Values, weight.Rows, weight.Columns, new XnorSettings(
            Enum.Parse<ScaleAxis>(options.Word(Scale), ignoreCase: true), Enum.Parse<XnorCenter>(options.Word(Center), ignoreCase: true))));
}
