namespace BiMamba.Passes.Shared.Coding;

/// <summary>
/// The three levels that the quantizer published with GPTQ has for trits: the least weight of the row, 0, and the
/// greatest, with thresholds at half of them. A reference for comparisons; nothing stores it.
/// </summary>
public static class TritGrid
{
    /// <summary>The dequantized weight [rows, columns] in fp32.</summary>
    /// <param name="weight">Finite weights [rows, columns].</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="ready">
    /// False where a row has weights below 0 but none above: a grid whose scale is 0 counts as not yet found, and then
    /// the whole weight comes back as it is. So published.
    /// </param>
    public static float[] Quantize(ReadOnlySpan<float> weight, int rows, int columns, out bool ready)
    {
        var levels = new float[weight.Length];
        ready = true;
        for (var row = 0; row < rows && ready; row++)
        {
            var values = weight.Slice(row * columns, columns);
            var (least, greatest) = Extremes(values);
            ready = greatest != 0;
            for (var i = 0; i < columns; i++)
                levels[(row * columns) + i] = (values[i] > greatest / 2 ? greatest : 0f) + (values[i] < least / 2 ? least : 0f);
        }

        return ready ? levels : weight.ToArray();
    }

    private static (float Least, float Greatest) Extremes(ReadOnlySpan<float> values)
    {
        float least = 0, greatest = 0;
        foreach (var value in values)
        {
            least = MathF.Min(least, value);
            greatest = MathF.Max(greatest, value);
        }

        return least == 0 && greatest == 0 ? (-1, 1) : (least, greatest);
    }
}
