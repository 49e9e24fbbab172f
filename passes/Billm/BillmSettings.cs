namespace BiMamba.Passes.Billm;

/// <summary>What a weight is measured by when salient columns and the border of the regions are searched.</summary>
public enum SalientMetric
{
    /// <summary>w^2 / U_jj^2, the sensitivity of the loss to a weight.</summary>
    Hessian,

    /// <summary>w itself, with its sign.</summary>
    Magnitude,
}

/// <summary>
/// Settings of BiLLM (arXiv 2402.04291). The defaults are those of its published runs: orders 1, 1 and 2 for the low
/// region, the high region and the salient columns.
/// </summary>
/// <param name="Metric">What the searches look at.</param>
/// <param name="Block">Columns of a block, which is also the group of scales and the step of the feedback.</param>
/// <param name="UpLim">
/// One more than the largest number of salient columns tried; in a block with fewer columns it is their number, where the
/// published code fails.
/// </param>
/// <param name="Feedback">True to compensate a block's error in the columns after it; false is the code's <c>disable_gptq</c>.</param>
/// <param name="SalientOrders">
/// Orders of the salient columns, 1 or 2. The search for them tries two, whatever is set, as the published code does. The
/// orders of both regions are 1.
/// </param>
public sealed record BillmSettings(SalientMetric Metric = SalientMetric.Hessian, int Block = 128, int UpLim = 50, bool Feedback = true, int SalientOrders = 2);
