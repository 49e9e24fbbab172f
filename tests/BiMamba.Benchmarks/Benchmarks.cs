using System.Runtime.InteropServices;
using BiMamba.Kernels;

namespace BiMamba.Benchmarks;

/// <summary>The pieces of work that are measured, by name.</summary>
internal static class Benchmarks
{
    public static IReadOnlyList<(string Name, Action Run)> All { get; } =
    [
        ("peak", FloatBenchmarks.Peak),
        ("row-product", FloatBenchmarks.RowProducts),
        ("sign-product", SignBenchmarks.Products),
        ("elementary", FloatBenchmarks.Elementary),
        ("norm", FloatBenchmarks.Norms),
        ("conv", MixerBenchmarks.Conv),
        ("ssd", MixerBenchmarks.Ssd),
        ("selective", MixerBenchmarks.Selective),
        ("quantized", FloatBenchmarks.Quantized),
    ];

    public static float[] Random(int length)
    {
        var random = new Random(1);
        var values = new float[length];
        for (var i = 0; i < length; i++)
            values[i] = (float)random.NextDouble() - 0.5f;
        return values;
    }

    public static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(2).NextBytes(MemoryMarshal.AsBytes(bytes.AsSpan()));
        return bytes;
    }
}
