namespace BiMamba.Passes.Shared.Coding;

/// <summary>
/// A weight of signs with scales and shifts by row and by column:
/// W_ij = row_scale_i * S_ij * column_scale_j + column_shift_j + row_shift_i.
/// </summary>
/// <remarks>A scale or shift of the whole tensor is a row scale or row shift of equal values.</remarks>
/// <param name="Rows">Rows, the outputs.</param>
/// <param name="Columns">Columns, the inputs.</param>
/// <param name="Sign">S: -1, 0, +1 [rows, columns].</param>
/// <param name="RowScale">[rows], or null for 1.</param>
/// <param name="ColumnScale">[columns], or null for 1.</param>
/// <param name="RowShift">[rows], or null for 0.</param>
/// <param name="ColumnShift">[columns], or null for 0.</param>
public sealed record SignWeight(int Rows, int Columns, sbyte[] Sign, float[]? RowScale, float[]? ColumnScale, float[]? RowShift, float[]? ColumnShift)
{
    /// <summary>The weight [rows, columns]: computed in fp64 and rounded once.</summary>
    public float[] Dequantize()
    {
        var weight = new float[Sign.Length];
        for (var row = 0; row < Rows; row++)
        {
            double rowScale = RowScale?[row] ?? 1;
            double rowShift = RowShift?[row] ?? 0;
            for (var column = 0; column < Columns; column++)
            {
                var at = (row * Columns) + column;
                double scaled = rowScale * Sign[at] * (ColumnScale?[column] ?? 1);
                weight[at] = (float)(scaled + (ColumnShift?[column] ?? 0) + rowShift);
            }
        }

        return weight;
    }
}
