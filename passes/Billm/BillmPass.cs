using BiMamba.Passes.Gptq;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Billm;

/// <summary>Sign planes with a region a weight and salient columns of two orders (BiLLM, arXiv 2402.04291).</summary>
public sealed class BillmPass : CalibratedPass
{
    private const string Salient = "salient";
    private const string Block = "block";
    private const string UpLim = "up_lim";
    private const string Orders = "orders";

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "billm",
        "Dense linears become sign planes with a region a weight, salient columns in one or two orders.",
        LinearTargets.Levels,
        [
            new PassOption(Salient, new OptionValue.Word("hessian"), "by what columns are salient") { Allowed = ["hessian", "magnitude"] },
            new PassOption(Block, new OptionValue.Int(128), "columns that share scales, and that are coded before those behind them are updated") { Min = 1, Max = 1 << 16 },
            new PassOption(UpLim, new OptionValue.Int(50), "salient columns of a block are fewer than this") { Min = 2, Max = 1 << 16 },
            new PassOption(Orders, new OptionValue.Int(2), "sign planes of salient columns; other weights have one") { Allowed = ["1", "2"] },
            .. CalibrationOptions,
        ],
        "billm{salient=hessian}")
    {
        IsApproximate = true,
    };

    /// <inheritdoc/>
    protected override LoweredWeight Lower(WeightMatrix weight, HessianFactor factor, PassOptions options, ParallelOptions parallel, out double loss)
    {
        var settings = new BillmSettings(
            Enum.Parse<SalientMetric>(options.Word(Salient), ignoreCase: true), options.Int(Block), options.Int(UpLim), SalientOrders: options.Int(Orders));
        var result = BillmQuantizer.Quantize(weight.Values, weight.Rows, weight.Columns, factor.U, factor.Dead, settings, parallel);
        loss = result.Loss;
        return new LoweredBraq(result.Weight);
    }
}
