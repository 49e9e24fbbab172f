using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <content>
/// Four taps, the width of all published Mamba models, over four tokens at once: an input is loaded once for the four
/// outputs it enters; with 32 registers four chains of silu run beside one another, with 16 silu follows by itself.
/// </content>
public static partial class CausalConv
{
    private const int Taps = 4;
    private const int BlockTokens = 4;

    /// <summary>The whole blocks of tokens of the channels from <paramref name="first"/> to <paramref name="end"/>; returns the number of tokens.</summary>
    private static int Blocks(
        Rows x, ReadOnlySpan<float> state, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, bool silu, int first, int end,
        MutableRows y)
    {
        var t = 0;
        if (first == end)
            return t;
        for (; t <= x.Count - BlockTokens; t += BlockTokens)
        {
            Block(
                ref Input(x, state, t - 3), ref Input(x, state, t - 2), ref Input(x, state, t - 1),
                ref Input(x, state, t), x.Stride, ref MemoryMarshal.GetReference(weight), x.Width,
                ref MemoryMarshal.GetReference(bias), !bias.IsEmpty, silu && Vector512.IsHardwareAccelerated, first, end,
                ref MemoryMarshal.GetReference(y[t]), y.Stride);

            if (silu && !Vector512.IsHardwareAccelerated)
            {
                for (var i = t; i < t + BlockTokens; i++)
                    Activation.Silu(y[i][first..end], y[i][first..end]);
            }
        }

        return t;
    }

    /// <summary>The inputs of a token, those before the first standing in the state.</summary>
    private static ref float Input(Rows x, ReadOnlySpan<float> state, int token) => ref token < 0
        ? ref Unsafe.Add(ref MemoryMarshal.GetReference(state), (token + Taps - 1) * x.Width)
        : ref MemoryMarshal.GetReference(x[token]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(
        ref float xa, ref float xb, ref float xc, ref float x0, nint xStride, ref float weight, nint channels,
        ref float bias, bool biased, bool silu, nint first, nint end, ref float y, nint yStride)
    {
        for (var i = first; i < end; i += Lanes.Count)
        {
            var start = biased ? Lanes.Load(ref bias, i) : Vector512<float>.Zero;
            var (w0, w1) = (Lanes.Load(ref weight, i), Lanes.Load(ref weight, channels + i));
            var (w2, w3) = (Lanes.Load(ref weight, (2 * channels) + i), Lanes.Load(ref weight, (3 * channels) + i));
            var (b, c, d) = (Lanes.Load(ref xb, i), Lanes.Load(ref xc, i), Lanes.Load(ref x0, i));
            var (e, f) = (Lanes.Load(ref x0, xStride + i), Lanes.Load(ref x0, (2 * xStride) + i));
            var g = Lanes.Load(ref x0, (3 * xStride) + i);
            var y0 = Sum(start, w0, Lanes.Load(ref xa, i), w1, b, w2, c, w3, d);
            var y1 = Sum(start, w0, b, w1, c, w2, d, w3, e);
            var y2 = Sum(start, w0, c, w1, d, w2, e, w3, f);
            var y3 = Sum(start, w0, d, w1, e, w2, f, w3, g);
            if (silu)
                (y0, y1, y2, y3) = (Activation.Silu(y0), Activation.Silu(y1), Activation.Silu(y2), Activation.Silu(y3));
            Lanes.Store(y0, ref y, i);
            Lanes.Store(y1, ref y, yStride + i);
            Lanes.Store(y2, ref y, (2 * yStride) + i);
            Lanes.Store(y3, ref y, (3 * yStride) + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sum(
        Vector512<float> start, Vector512<float> w0, Vector512<float> a, Vector512<float> w1, Vector512<float> b,
        Vector512<float> w2, Vector512<float> c, Vector512<float> w3, Vector512<float> d)
    {
        var sum = Vector512.FusedMultiplyAdd(w0, a, start);
        sum = Vector512.FusedMultiplyAdd(w1, b, sum);
        sum = Vector512.FusedMultiplyAdd(w2, c, sum);
        return Vector512.FusedMultiplyAdd(w3, d, sum);
    }
}
