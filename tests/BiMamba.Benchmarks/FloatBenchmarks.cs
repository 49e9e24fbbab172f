using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using BiMamba.Kernels;

namespace BiMamba.Benchmarks;

/// <summary>Float products, norms, elementary functions and quantised rows.</summary>
internal static class FloatBenchmarks
{
    /// <summary>What the core can do at most: independent multiply-adds in registers.</summary>
    public static void Peak()
    {
        const int Rounds = 100_000;
        Measure.Report("fma peak", 2.0 * 16 * 12 * Rounds, Measure.Seconds(() => s_sink = Spin(Rounds)), "GFLOP/s");
        var source = Benchmarks.Random(64 << 20);
        Measure.Report("read bandwidth, 256 MiB", 4.0 * source.Length, Measure.Seconds(() => s_sink = Read(source)), "GB/s");
    }

    private static float s_sink;

    public static void RowProducts()
    {
        foreach (var columns in new[] { 192, 768, 1536, 2560, 5120 })
        {
            foreach (var tokens in new[] { 1, 16, 64, 512 })
            {
                const int Rows = 64;
                var x = Benchmarks.Random(tokens * columns);
                var w = Benchmarks.Random(Rows * columns);
                var y = new float[tokens * Rows];
                var seconds = Measure.Seconds(() => RowProduct.Multiply(
                    new Rows(x, tokens, columns), w, new MutableRows(y, tokens, Rows)));
                Measure.Report($"row product {tokens} x {columns}, {Rows} rows", 2.0 * tokens * Rows * columns, seconds, "GFLOP/s");
            }
        }
    }

    public static void Elementary()
    {
        var x = Benchmarks.Random(4096);
        var y = new float[x.Length];
        Measure.Report("silu", x.Length, Measure.Seconds(() => Activation.Silu(x, y)), "Gelem/s");
        Measure.Report("softplus", x.Length, Measure.Seconds(() => Activation.Softplus(x, y)), "Gelem/s");
        Measure.Report("add", x.Length, Measure.Seconds(() => Elementwise.Add(x, x, y)), "Gelem/s");
    }

    public static void Norms()
    {
        const int Tokens = 16, Width = 2560;
        var x = Benchmarks.Random(Tokens * Width);
        var z = Benchmarks.Random(Tokens * Width);
        var weight = Benchmarks.Random(Width);
        var y = new float[x.Length];
        Measure.Report("rms norm 2560", x.Length, Measure.Seconds(() => RmsNorm.Run(
            new Rows(x, Tokens, Width), weight, 1e-5f, Width, new MutableRows(y, Tokens, Width))), "Gelem/s");
        Measure.Report("gated rms norm 2560", x.Length, Measure.Seconds(() => GatedRmsNorm.Run(
            new Rows(x, Tokens, Width), new Rows(z, Tokens, Width), weight, 1e-5f, Width, false, new MutableRows(y, Tokens, Width))), "Gelem/s");
    }

    public static void Quantized()
    {
        const int Rows = 64, Columns = 2560, Group = 128;
        var scales = new ushort[Rows * QuantizedRows.Groups(Columns, Group)];
        var panel = new float[Rows * Columns];
        foreach (var bits in new[] { 8, 4 })
        {
            var codes = Benchmarks.RandomBytes(Rows * QuantizedRows.RowBytes(Columns, bits));
            Measure.Report($"dequantize {bits} bits", panel.Length, Measure.Seconds(() => QuantizedRows.Dequantize(
                codes, scales, bits, Group, new MutableRows(panel, Rows, Columns))), "Gelem/s");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Spin(int rounds)
    {
        Vector512<float> a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        var x = Vector512.Create(0.5f);
        var y = Vector512.Create(0.25f);
        for (var round = 0; round < rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(x, y, a);
            b = Vector512.FusedMultiplyAdd(x, y, b);
            c = Vector512.FusedMultiplyAdd(x, y, c);
            d = Vector512.FusedMultiplyAdd(x, y, d);
            e = Vector512.FusedMultiplyAdd(x, y, e);
            f = Vector512.FusedMultiplyAdd(x, y, f);
            g = Vector512.FusedMultiplyAdd(x, y, g);
            h = Vector512.FusedMultiplyAdd(x, y, h);
            i = Vector512.FusedMultiplyAdd(x, y, i);
            j = Vector512.FusedMultiplyAdd(x, y, j);
            k = Vector512.FusedMultiplyAdd(x, y, k);
            l = Vector512.FusedMultiplyAdd(x, y, l);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Read(float[] values)
    {
        Vector512<float> a = default, b = a, c = a, d = a;
        for (nuint i = 0; i < (nuint)values.Length; i += 64)
        {
            a += Vector512.LoadUnsafe(ref values[0], i);
            b += Vector512.LoadUnsafe(ref values[0], i + 16);
            c += Vector512.LoadUnsafe(ref values[0], i + 32);
            d += Vector512.LoadUnsafe(ref values[0], i + 48);
        }

        return Vector512.Sum(a + b + c + d);
    }
}
