namespace BiMamba.Passes.Ternary;

/// <summary>A ternary weight: W_ij = gamma * T_ij, with gamma of the tensor or of row i.</summary>
/// <param name="Rows">Rows, the outputs.</param>
/// <param name="Columns">Columns, the inputs.</param>
/// <param name="Trits">T: -1, 0, +1 [rows, columns].</param>
/// <param name="Gamma">One scale, or one a row.</param>
public sealed record TernaryWeight(int Rows, int Columns, sbyte[] Trits, float[] Gamma)
{
    /// <summary>The weight [rows, columns].</summary>
    public float[] Dequantize()
    {
        var weight = new float[Trits.Length];
        for (var at = 0; at < weight.Length; at++)
            weight[at] = Gamma[Gamma.Length == 1 ? 0 : at / Columns] * Trits[at];
        return weight;
    }
}
