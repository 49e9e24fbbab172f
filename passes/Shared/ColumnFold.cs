namespace BiMamba.Passes.Shared;

/// <summary>
/// Column scales of an FBI-Linear folded into the weight of the norm before it.
/// </summary>
/// <remarks>
/// With W = step * S + middle by column and x = n * w (w the norm's weight), y = W x = S x' + sum_j c_j x'_j where
/// x' = n * w * step and c = middle / step. A column with step 0 is the constant middle: x' = n * w * middle, S = +1,
/// c = 0. Where S = 0 the weight is middle + zero_shift, which is c + zero_shift / step in units of x'.
/// </remarks>
/// <param name="NormWeight">w * step, or w * middle for a constant column.</param>
/// <param name="Shift">c.</param>
/// <param name="ZeroShift">What an exact zero adds to c.</param>
/// <param name="Constant">Columns whose signs are all +1.</param>
/// <param name="LargestError">Largest rounding error of a weight times w, relative to the column's largest such product.</param>
public sealed record ColumnFold(float[] NormWeight, float[] Shift, float[] ZeroShift, bool[] Constant, double LargestError)
{
    /// <summary>Folds, or says why a column cannot be folded exactly enough.</summary>
    /// <param name="levels">Levels by column.</param>
    /// <param name="norm">Weight of the norm, one a column.</param>
    /// <param name="reason">The column and the number that stands against folding, or null.</param>
    public static ColumnFold? TryCreate(FbiLevels levels, float[] norm, out string? reason)
    {
        var columns = norm.Length;
        var fold = new ColumnFold(new float[columns], new float[columns], new float[columns], new bool[columns], 0);
        double largest = 0;
        for (var j = 0; j < columns; j++)
        {
            var (step, middle, zero) = (levels.Step[j], levels.Middle[j], levels.ZeroShift[j]);
            fold.Constant[j] = step == 0;
            var scale = step != 0 ? step : middle;
            fold.NormWeight[j] = norm[j] * scale;
            fold.Shift[j] = step != 0 ? middle / step : 0;
            fold.ZeroShift[j] = zero == 0 ? 0 : zero / step;
            reason = FoldGuard.Reject("weight times scale", fold.NormWeight[j], norm[j] != 0 && scale != 0)
                ?? FoldGuard.Reject("shift over scale", fold.Shift[j], step != 0 && middle != 0)
                ?? FoldGuard.Reject("zero shift over scale", fold.ZeroShift[j], zero != 0);
            if (reason is not null)
            {
                reason = $"column {j}: {reason}";
                return null;
            }

            largest = Math.Max(largest, RelativeError(step, middle, norm[j], fold.NormWeight[j], fold.Shift[j]));
        }

        reason = null;
        return fold with { LargestError = largest };
    }

    private static double RelativeError(float step, float middle, float norm, float folded, float shift)
    {
        double exactScale = (double)norm * (step != 0 ? step : middle);
        if (exactScale == 0)
            return 0;
        var exactShift = step != 0 ? (double)middle / step : 0;
        double worst = 0;
        foreach (var sign in (ReadOnlySpan<double>)[-1, 1])
            worst = Math.Max(worst, Math.Abs((folded * (sign + shift)) - (exactScale * (sign + exactShift))));
        return worst / (Math.Abs(exactScale) * (1 + Math.Abs(exactShift)));
    }
}
