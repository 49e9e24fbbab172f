using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Gptq;

/// <summary>Codes column by column, the error of each made up for by the columns behind it (GPTQ, arXiv 2210.17323).</summary>
public sealed class GptqPass : CalibratedPass
{
    private const string ActOrder = "act_order";
    private const string StaticGroups = "static_groups";
    private const string Block = "block";

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "gptq",
        "Dense linears become codes, column by column, the error of each made up for by the columns behind it.",
        LinearTargets.Levels,
        [
            .. GridOptions.All(2),
            new PassOption(ActOrder, new OptionValue.Bool(false), "true to take columns by falling diagonal of the Hessian"),
            new PassOption(StaticGroups, new OptionValue.Bool(false), "true to find the grids of groups before any coding, in the natural order of columns"),
            new PassOption(Block, new OptionValue.Int(128), "columns that are coded before those behind them are updated") { Min = 1, Max = 1 << 20 },
            .. CalibrationOptions,
        ],
        "gptq{bits=4, group=128}")
    {
        IsApproximate = true,
    };

    /// <inheritdoc/>
    protected override bool HasActOrder(PassOptions options) => options.Bool(ActOrder);

    /// <inheritdoc/>
    protected override LoweredWeight Lower(WeightMatrix weight, HessianFactor factor, PassOptions options, ParallelOptions parallel, out double loss)
    {
        var grid = GridOptions.Grid(options, IsRelease(options));
        var settings = new GptqSettings(
            grid.Bits, grid.Symmetric, options.Int(GridOptions.Group), options.Bool(ActOrder), options.Bool(StaticGroups), grid.Mse, Block: options.Int(Block), BothSides: grid.BothSides);
        var result = GptqQuantizer.Quantize(weight.Values, weight.Rows, weight.Columns, factor, settings, parallel);
        loss = result.Loss;
        return new LoweredCodes(result.Weight);
    }
}
