namespace BiMamba.Passes.Gptq;

/// <summary>
/// The factor of the inverse Hessian that steers GPTQ (arXiv 2210.17323): U upper triangular with
/// U^T U = (H + damping * mean(diag H) * I)^-1.
/// </summary>
/// <remarks>
/// With H = R R^T, R upper triangular, U is R^-1, so one factorization and one triangular inverse are enough; both are
/// fp64. The Hessian is symmetric but for rounding, and only its lower triangle in coding order is read. A column that
/// no input ever used has H_jj = 0: it counts as 1, in the mean as well, and GPTQ sets its weights to 0.
/// </remarks>
public sealed class HessianFactor
{
    private HessianFactor(int size, float[] u, double meanDiagonal, double damping, bool[] dead, int[]? order) =>
        (Size, U, MeanDiagonal, Damping, Dead, Order) = (size, u, meanDiagonal, damping, dead, order);

    /// <summary>The damping fraction that escalation ends with.</summary>
    public const double GreatestDamping = 1.0;

    // What escalation continues from where less was asked for, so that a damping of 0 gets there too.
    private const double LeastEscalated = 1e-4;

    /// <summary>The number of columns n.</summary>
    public int Size { get; }

    /// <summary>U [n, n] row-major, zeros below the diagonal, rows and columns in coding order.</summary>
    public float[] U { get; }

    /// <summary>The mean of the diagonal before damping, dead columns as 1.</summary>
    public double MeanDiagonal { get; }

    /// <summary>The damping in use, as a fraction of <see cref="MeanDiagonal"/>.</summary>
    public double Damping { get; }

    /// <summary>The dead columns, in natural order.</summary>
    public bool[] Dead { get; }

    /// <summary>Act-order: the column at each position, by falling diagonal, the lower index first; null for natural order.</summary>
    public int[]? Order { get; }

    /// <summary>Factors a Hessian. Where it is not positive definite, the damping is raised tenfold, up to 1.</summary>
    /// <param name="hessian">H [n, n] in natural order, undamped; not changed.</param>
    /// <param name="size">n.</param>
    /// <param name="damping">The damping to begin with, as a fraction of the mean of the diagonal.</param>
    /// <param name="actOrder">True to order columns by falling diagonal.</param>
    /// <param name="options">Threads; the result does not depend on them.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static HessianFactoring Create(float[] hessian, int size, double damping, bool actOrder, ParallelOptions options)
    {
        if (hessian.Length != (long)size * size)
            throw new ArgumentException($"{hessian.Length} elements are not {size} rows of {size}");
        var diagonal = new double[size];
        for (var i = 0; i < size; i++)
            diagonal[i] = hessian[(i * size) + i];
        var dead = Array.ConvertAll(diagonal, value => value == 0);
        var alive = Array.ConvertAll(diagonal, value => value == 0 ? 1 : value);
        var mean = alive.Sum() / size;
        var failed = new List<double>();
        if (!double.IsFinite(mean) || mean <= 0)
            return new HessianFactoring(null, failed, $"the mean of the diagonal is {mean:R}");
        var order = actOrder ? Enumerable.Range(0, size).OrderByDescending(i => alive[i]).ToArray() : null;
        var work = new TriangularInverse(size, options);
        for (var fraction = damping; ; fraction = Math.Clamp(10 * fraction, LeastEscalated, GreatestDamping))
        {
            Load(work, hessian, alive, fraction * mean, order);
            if (work.TryInvert(out var position))
                return new HessianFactoring(new HessianFactor(size, Upper(work, options), mean, fraction, dead, order), failed, null);
            failed.Add(fraction);
            if (!(fraction < GreatestDamping))
                return new HessianFactoring(null, failed, $"not positive definite at column {(order is null ? position : order[position])} with a damping of {fraction:R} times the mean of the diagonal");
        }
    }

    /// <summary>
    /// The reversed matrix: an upper factor R with R R^T is the lower factor L with L L^T of the matrix read from its end.
    /// </summary>
    private static void Load(TriangularInverse work, float[] hessian, double[] diagonal, double added, int[]? order)
    {
        var size = diagonal.Length;
        Parallel.For(0, size, work.Options, i =>
        {
            var column = Natural(size - 1 - i);
            var target = work.Row(i);
            for (var j = 0; j < i; j++)
                target[j] = hessian[(Natural(size - 1 - j) * size) + column];
            target[i] = diagonal[column] + added;
        });

        int Natural(int position) => order is null ? position : order[position];
    }

    private static float[] Upper(TriangularInverse work, ParallelOptions options)
    {
        var size = work.Size;
        var u = new float[size * size];
        Parallel.For(0, size, options, i =>
        {
            // Row i of U, read from its end, is a row of the inverse of L.
            for (var j = i; j < size; j++)
                u[(i * size) + j] = (float)work.Inverse(size - 1 - i, size - 1 - j);
        });
        return u;
    }
}
