using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using BiMamba.Measurement.Probing;

namespace BiMamba.Measurement;

/// <summary>
/// The fp32 peak of the machine: multiply-adds on independent accumulators that stay in registers, of the widest
/// vectors. Twelve chains cover the latency of two units, and leave room in 16 registers for the factors.
/// </summary>
public static class FmaPeak
{
    private const int Chains = 12;
    private const int Rounds = 4_000_000;
    private const int Passes = 4;

    /// <summary>Bits of the vectors that are used.</summary>
    public static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>Floating-point operations a second of all threads together, two a multiply-add: the best of a few passes of about 10 ms.</summary>
    public static double Measure(int threads)
    {
        var sums = new float[threads];
        var best = double.MaxValue;
        for (var pass = 0; pass < Passes; pass++)
        {
            best = Math.Min(best, ThreadTeam.Seconds(threads, thread => sums[thread] = VectorBits switch
            {
                512 => Spin512(Rounds, 0.5f),
                256 => Spin256(Rounds, 0.5f),
                _ => Spin128(Rounds, 0.5f),
            }));
        }

        GC.KeepAlive(sums);
        return 2.0 * Chains * Rounds * threads * (VectorBits / 32) / best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Spin512(int rounds, float factor)
    {
        Vector512<float> a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        var (x, y) = (Vector512.Create(factor), Vector512.Create(0.25f));
        for (var round = 0; round < rounds; round++)
        {
            a = Vector512.MultiplyAddEstimate(x, a, y);
            b = Vector512.MultiplyAddEstimate(x, b, y);
            c = Vector512.MultiplyAddEstimate(x, c, y);
            d = Vector512.MultiplyAddEstimate(x, d, y);
            e = Vector512.MultiplyAddEstimate(x, e, y);
            f = Vector512.MultiplyAddEstimate(x, f, y);
            g = Vector512.MultiplyAddEstimate(x, g, y);
            h = Vector512.MultiplyAddEstimate(x, h, y);
            i = Vector512.MultiplyAddEstimate(x, i, y);
            j = Vector512.MultiplyAddEstimate(x, j, y);
            k = Vector512.MultiplyAddEstimate(x, k, y);
            l = Vector512.MultiplyAddEstimate(x, l, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Spin256(int rounds, float factor)
    {
        Vector256<float> a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        var (x, y) = (Vector256.Create(factor), Vector256.Create(0.25f));
        for (var round = 0; round < rounds; round++)
        {
            a = Vector256.MultiplyAddEstimate(x, a, y);
            b = Vector256.MultiplyAddEstimate(x, b, y);
            c = Vector256.MultiplyAddEstimate(x, c, y);
            d = Vector256.MultiplyAddEstimate(x, d, y);
            e = Vector256.MultiplyAddEstimate(x, e, y);
            f = Vector256.MultiplyAddEstimate(x, f, y);
            g = Vector256.MultiplyAddEstimate(x, g, y);
            h = Vector256.MultiplyAddEstimate(x, h, y);
            i = Vector256.MultiplyAddEstimate(x, i, y);
            j = Vector256.MultiplyAddEstimate(x, j, y);
            k = Vector256.MultiplyAddEstimate(x, k, y);
            l = Vector256.MultiplyAddEstimate(x, l, y);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Spin128(int rounds, float factor)
    {
        Vector128<float> a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        var (x, y) = (Vector128.Create(factor), Vector128.Create(0.25f));
        for (var round = 0; round < rounds; round++)
        {
            a = Vector128.MultiplyAddEstimate(x, a, y);
            b = Vector128.MultiplyAddEstimate(x, b, y);
            c = Vector128.MultiplyAddEstimate(x, c, y);
            d = Vector128.MultiplyAddEstimate(x, d, y);
            e = Vector128.MultiplyAddEstimate(x, e, y);
            f = Vector128.MultiplyAddEstimate(x, f, y);
            g = Vector128.MultiplyAddEstimate(x, g, y);
            h = Vector128.MultiplyAddEstimate(x, h, y);
            i = Vector128.MultiplyAddEstimate(x, i, y);
            j = Vector128.MultiplyAddEstimate(x, j, y);
            k = Vector128.MultiplyAddEstimate(x, k, y);
            l = Vector128.MultiplyAddEstimate(x, l, y);
        }

        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
