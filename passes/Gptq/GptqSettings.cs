using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Gptq;

/// <summary>The choices of a GPTQ run but for the damping, which belongs to the <see cref="HessianFactor"/>.</summary>
/// <param name="Bits">Bits of a code, 1 to 8.</param>
/// <param name="Symmetric">True for grids symmetric about 0.</param>
/// <param name="Group">Columns that share a grid in a row; 0 for the whole row.</param>
/// <param name="ActOrder">True to code columns by falling diagonal of the Hessian; the factor must have that order.</param>
/// <param name="StaticGroups">
/// True for grids of groups in natural order, found before any coding; false for dynamic groups, in coding order, each
/// found from the weights as they are when coding comes to the block where it begins.
/// </param>
/// <param name="Mse">True to search the range of each grid for the least error.</param>
/// <param name="PerTensor">True for one grid over all rows.</param>
/// <param name="Block">Columns coded before the columns behind them are updated; only rounding depends on it but for dynamic groups.</param>
/// <param name="BothSides">As in <see cref="GridSettings"/>.</param>
public sealed record GptqSettings(
    int Bits,
    bool Symmetric,
    int Group = 0,
    bool ActOrder = false,
    bool StaticGroups = false,
    bool Mse = false,
    bool PerTensor = false,
    int Block = 128,
    bool BothSides = false)
{
    /// <summary>How the levels are chosen.</summary>
    public GridSettings Grid => new(Bits, Symmetric, Mse, PerTensor, BothSides);
}
