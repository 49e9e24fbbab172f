using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Billm;

/// <summary>A weight that BiLLM binarized.</summary>
/// <param name="Weight">Signs, regions, scales and means.</param>
/// <param name="Dequantized">The weight they stand for [rows, columns], fp32.</param>
/// <param name="Loss">
/// 1/2 sum (w - q)^2 / U_jj^2 over all weights, each as it stood when its block was binarized; with feedback half the
/// increase of the squared output error, up to the damping.
/// </param>
/// <param name="Splits">The border between the regions of each block, in units of the metric.</param>
/// <param name="SalientColumns">Number of salient columns of each block.</param>
public sealed record BillmResult(BraqWeight Weight, float[] Dequantized, double Loss, double[] Splits, int[] SalientColumns);
