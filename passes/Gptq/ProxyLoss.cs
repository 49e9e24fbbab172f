using BiMamba.Kernels;

namespace BiMamba.Passes.Gptq;

/// <summary>
/// The loss a layer-wise quantizer works against: tr((W - Q) H (W - Q)^T), for the Hessian of GPTQ twice the mean squared
/// change of the layer's outputs, summed over tokens and averaged over sequences. In fp64.
/// </summary>
public static class ProxyLoss
{
    private const int Panel = 48;

    /// <summary>The loss of a whole weight.</summary>
    /// <param name="weight">W [rows, columns].</param>
    /// <param name="quantized">Q [rows, columns].</param>
    /// <param name="hessian">H [columns, columns], undamped, all of it read.</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="options">Threads; the result does not depend on them.</param>
    public static double Compute(float[] weight, float[] quantized, float[] hessian, int rows, int columns, ParallelOptions options)
    {
        if (weight.Length != (long)rows * columns || quantized.Length != weight.Length || hessian.Length != (long)columns * columns)
            throw new ArgumentException($"the lengths do not fit {rows} rows of {columns}");
        var parts = new double[(rows + Panel - 1) / Panel];
        Parallel.For(0, parts.Length, options, panel =>
        {
            var first = panel * Panel;
            parts[panel] = PanelLoss(weight, quantized, hessian, first, Math.Min(Panel, rows - first), columns);
        });
        return parts.Sum();
    }

    private static double PanelLoss(float[] weight, float[] quantized, float[] hessian, int firstRow, int height, int columns)
    {
        var difference = new double[height * columns];
        for (var i = 0; i < difference.Length; i++)
            difference[i] = (double)weight[(firstRow * columns) + i] - quantized[(firstRow * columns) + i];
        var wide = new double[Panel * columns];
        var products = new double[height * Panel];
        var loss = 0.0;
        for (var column = 0; column < columns; column += Panel)
        {
            var count = Math.Min(Panel, columns - column);
            for (var i = 0; i < count * columns; i++)
                wide[i] = hessian[(column * columns) + i];
            DoubleProduct.Multiply(difference, height, columns, wide, count, columns, columns, products, Panel);
            for (var row = 0; row < height; row++)
            {
                for (var j = 0; j < count; j++)
                    loss += difference[(row * columns) + column + j] * products[(row * Panel) + j];
            }
        }

        return loss;
    }
}
