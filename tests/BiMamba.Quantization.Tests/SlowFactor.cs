namespace BiMamba.Quantization;

/// <summary>
/// The upper factor U with U^T U = (H + damping)^-1, in fp64, column by column: dead columns get H_jj = 1, the damping is
/// 1 % of the mean diagonal.
/// </summary>
internal static class SlowFactor
{
    /// <summary>Columns with H_jj = 0.</summary>
    public static bool[] Dead(float[] hessian, int n) => [.. Enumerable.Range(0, n).Select(j => hessian[(j * n) + j] == 0)];

    /// <summary>U [n, n] in fp32, from the lower triangle of H.</summary>
    public static float[] Of(float[] hessian, int n)
    {
        var damped = new double[n, n];
        double trace = 0;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
                damped[i, j] = hessian[(i * n) + j];
            damped[i, i] = damped[i, i] == 0 ? 1 : damped[i, i];
            trace += damped[i, i];
        }

        for (var i = 0; i < n; i++)
            damped[i, i] += 0.01 * trace / n;
        var lower = Cholesky(Inverse(Cholesky(damped, n), n), n);
        var upper = new float[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = i; j < n; j++)
                upper[(i * n) + j] = (float)lower[j, i];
        }

        return upper;
    }

    /// <summary>L with L L^T = a, from the lower triangle.</summary>
    private static double[,] Cholesky(double[,] a, int n)
    {
        var lower = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i, j];
                for (var k = 0; k < j; k++)
                    sum -= lower[i, k] * lower[j, k];
                lower[i, j] = i == j ? Math.Sqrt(sum) : sum / lower[j, j];
            }
        }

        return lower;
    }

    /// <summary>(L L^T)^-1 = L^-T L^-1.</summary>
    private static double[,] Inverse(double[,] lower, int n)
    {
        var inverseLower = new double[n, n];
        for (var column = 0; column < n; column++)
        {
            for (var i = column; i < n; i++)
            {
                double sum = i == column ? 1 : 0;
                for (var k = column; k < i; k++)
                    sum -= lower[i, k] * inverseLower[k, column];
                inverseLower[i, column] = sum / lower[i, i];
            }
        }

        var inverse = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                for (var k = i; k < n; k++)
                    inverse[i, j] += inverseLower[k, i] * inverseLower[k, j];
            }
        }

        return inverse;
    }
}
