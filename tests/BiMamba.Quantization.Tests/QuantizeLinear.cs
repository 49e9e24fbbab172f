namespace BiMamba.Quantization;

/// <summary>
/// The weight that the layer <c>QuantizeLinear</c> of Bi-Mamba multiplies by, in fp32: 1 to 4 bits, scales by row, by
/// column or of the layer. The scales of 1 and 2 bits come from mean magnitudes, those of 3 and 4 bits from the maximum,
/// which is that of a row where it is not that of the layer.
/// </summary>
internal static class QuantizeLinear
{
    /// <summary>The quantized weight [rows, columns].</summary>
    public static float[] Weight(float[] weight, int columns, int bits, string axis)
    {
        var key = Key(columns, bits > 2 && axis == "column" ? "row" : axis);
        var scales = Enumerable.Range(0, weight.Length).GroupBy(key).ToDictionary(
            group => group.Key,
            group => bits > 2
                ? ((1 << (bits - 1)) - 1) / (group.Max(at => Math.Abs(weight[at])) + 1e-6f)
                : (float)group.Average(at => Math.Abs((double)weight[at])) * bits);
        return [.. weight.Select((value, at) => Quantized(value, scales[key(at)], bits))];
    }

    /// <summary>x W^T [tokens, rows], summed in fp64.</summary>
    public static float[] Multiply(float[] x, float[] weight, int columns, float[]? bias = null)
    {
        var (tokens, rows) = (x.Length / columns, weight.Length / columns);
        var y = new float[tokens * rows];
        for (var at = 0; at < y.Length; at++)
        {
            double sum = bias?[at % rows] ?? 0;
            for (var j = 0; j < columns; j++)
                sum += (double)x[(at / rows * columns) + j] * weight[(at % rows * columns) + j];
            y[at] = (float)sum;
        }

        return y;
    }

    private static Func<int, int> Key(int columns, string axis) => axis switch
    {
        "row" => at => at / columns,
        "column" => at => at % columns,
        _ => _ => 0,
    };

    private static float Quantized(float value, float scale, int bits)
    {
        if (bits > 2)
            return MathF.Round(value * scale, MidpointRounding.ToEven) / (scale + 1e-6f);
        // The layer passes gradients through by adding the weight again, which costs an ulp.
        return bits == 1 ? (scale * Sign(value / scale)) - value + value : TwoBits(value, scale) - value + value;
    }

    private static float TwoBits(float value, float scale)
    {
        var clamped = Math.Clamp(value / scale, -0.99f, 0.99f);
        return scale * (MathF.Round((clamped * 2) - 0.5f, MidpointRounding.ToEven) + 0.5f) / 2;
    }

    /// <summary>The sign, 0 for NaN as in torch.</summary>
    private static float Sign(float value) => value > 0 ? 1 : value < 0 ? -1 : 0;
}
