using System.Runtime.CompilerServices;

namespace BiMamba.Runtime.Nodes;

/// <summary>Transposes small weights when a model is made ready.</summary>
internal static class Transpose
{
    /// <summary>[rows, columns] as [columns, rows].</summary>
    // As FloatWeights: the first token waits for this.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float[] Of(ReadOnlySpan<float> values, int rows, int columns)
    {
        var result = new float[values.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                result[(column * rows) + row] = values[(row * columns) + column];
        }

        return result;
    }

    /// <summary>a = -exp(a_log), the decay rates of a scan, rounded once.</summary>
    public static float[] DecayRates(ReadOnlySpan<float> aLog)
    {
        var result = new float[aLog.Length];
        for (var i = 0; i < result.Length; i++)
            result[i] = (float)-Math.Exp(aLog[i]);
        return result;
    }
}
