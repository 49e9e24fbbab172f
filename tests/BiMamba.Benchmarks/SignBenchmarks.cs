using BiMamba.Kernels;

namespace BiMamba.Benchmarks;

/// <summary>Products with sign planes at the shape of the largest input projection.</summary>
internal static class SignBenchmarks
{
    public static void Products()
    {
        const int Rows = 10576, Columns = 2560, Planes = 24;
        var bytes = (int)SignTiles.ByteLength(Rows, Columns);

        // Several planes, so that one token reads from memory as a model does.
        var planes = Enumerable.Range(0, Planes).Select(_ => Benchmarks.RandomBytes(bytes)).ToArray();
        foreach (var tokens in new[] { 1, 2, 4, 8, 64 })
        {
            var x = Benchmarks.Random(tokens * Columns);
            var y = new float[tokens * Rows];
            var scratch = new float[SignProduct.ScratchLength(tokens, Columns)];
            var next = 0;
            var seconds = Measure.Seconds(() => SignProduct.Multiply(
                planes[next++ % Planes], Rows, new Rows(x, tokens, Columns), 0, new MutableRows(y, tokens, Rows), scratch));
            Measure.Report($"sign product {tokens} x {Columns}, {Rows} rows", 2.0 * tokens * Rows * Columns, seconds, "GFLOP/s");
            if (tokens == 1)
                Measure.Report("  packed weights", bytes, seconds, "GB/s");
        }
    }
}
