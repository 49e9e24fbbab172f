namespace BiMamba.Passes.Shared.Coding;

/// <summary>
/// Rows cut into chunks of a fixed length, which are the units of parallel work: what is summed over rows is summed in a
/// chunk and then over the chunks in their order, so that no sum depends on the number of threads.
/// </summary>
internal static class RowChunks
{
    /// <summary>Rows of a chunk.</summary>
    public const int Rows = 64;

    /// <summary>Chunks of a number of rows.</summary>
    public static int Count(int rows) => (rows + Rows - 1) / Rows;

    /// <summary>Calls the body with chunk, first row and the row after the last.</summary>
    public static void ForEach(int rows, ParallelOptions options, Action<int, int, int> body) =>
        Parallel.For(0, Count(rows), options, chunk => body(chunk, chunk * Rows, Math.Min(rows, (chunk + 1) * Rows)));

    /// <summary>Sums of [chunks, width] over the chunks in their order.</summary>
    public static double[] Sum(double[] partial, int width)
    {
        var sums = new double[width];
        for (var i = 0; i < partial.Length; i++)
            sums[i % width] += partial[i];
        return sums;
    }
}
