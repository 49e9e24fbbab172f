namespace BiMamba.Passes.Shared.Coding;

/// <summary>How the levels of a uniform grid are chosen.</summary>
/// <param name="Bits">Bits of a code, 1 to 8; the codes are 0 to 2^Bits - 1.</param>
/// <param name="Symmetric">True for a range of -a to a with the fixed zero 2^(Bits-1), false for the range of the weights.</param>
/// <param name="Mse">True to shrink the range in steps of 1 % down to 21 %, whichever leaves the least sum of |error|^2.4.</param>
/// <param name="PerTensor">True for one range over all rows, false for one range a row.</param>
/// <param name="BothSides">
/// True for symmetric ranges of -a to a whatever the signs of the weights; false as published, where a range without a
/// negative weight has the step of 0 to a and the zero of -a to a, so that the weights above a / 2 are clipped.
/// </param>
public sealed record GridSettings(int Bits, bool Symmetric, bool Mse = false, bool PerTensor = false, bool BothSides = false)
{
    /// <summary>The greatest code.</summary>
    public int MaxCode => (1 << Bits) - 1;
}
