namespace BiMamba.Passes.Billm;

/// <summary>Binarization about the mean, and of what it leaves (BiLLM, equations 6 to 9), of one row of a block.</summary>
internal static class ResidualBinarization
{
    /// <summary>
    /// One order: mean m, scale mean |r - m|, sign(r - m), where a value equal to the mean has the sign 0. No value gives
    /// mean and scale 0.
    /// </summary>
    /// <param name="residual">The values; receives what the binarization leaves of them.</param>
    /// <param name="signs">Receives the signs.</param>
    public static (double Scale, double Mean) Step(Span<double> residual, Span<sbyte> signs)
    {
        if (residual.IsEmpty)
            return (0, 0);
        double sum = 0;
        foreach (var value in residual)
            sum += value;
        var mean = sum / residual.Length;
        double deviation = 0;
        foreach (var value in residual)
            deviation += Math.Abs(value - mean);
        var scale = deviation / residual.Length;
        for (var i = 0; i < residual.Length; i++)
        {
            signs[i] = (sbyte)Math.Sign(residual[i] - mean);
            residual[i] -= mean + (scale * signs[i]);
        }

        return (scale, mean);
    }
}
