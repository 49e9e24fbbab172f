using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>
/// Depthwise causal convolution over tokens with a carried state: y[t, c] = bias[c] + sum over k of w[k, c] *
/// in[t - width + 1 + k, c], where in continues the inputs of earlier calls, then silu where asked for.
/// </summary>
/// <remarks>
/// Layout: weights tap-major [width, channels], the tap of the newest input last; state [width - 1, channels], the oldest
/// input first, zeros at the start of a sequence. Lanes are channels; taps go in ascending order by fused multiply-add
/// from the bias, or +0. The remainder of the channel range uses the scalar form.
/// </remarks>
public static partial class CausalConv
{
    /// <summary>Convolves a range of channels and updates their state.</summary>
    /// <param name="x">[tokens, channels].</param>
    /// <param name="state">[width - 1, channels], updated for the range.</param>
    /// <param name="weight">[width, channels].</param>
    /// <param name="width">The number of taps, at least 1.</param>
    /// <param name="bias">[channels] or empty.</param>
    /// <param name="silu">Whether silu follows.</param>
    /// <param name="firstChannel">The first channel of the range.</param>
    /// <param name="channelCount">The number of channels of the range.</param>
    /// <param name="y">[tokens, channels], written for the range; must not overlap the inputs.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Run(
        Rows x, Span<float> state, ReadOnlySpan<float> weight, int width, ReadOnlySpan<float> bias, bool silu,
        int firstChannel, int channelCount, MutableRows y)
    {
        Check(x, state.Length, weight.Length, width, bias.Length, firstChannel, channelCount, y);
        var end = firstChannel + channelCount;
        var vectorEnd = Vector128.IsHardwareAccelerated ? end - (channelCount % Lanes.Count) : firstChannel;
        for (var t = width == Taps ? Blocks(x, state, weight, bias, silu, firstChannel, vectorEnd, y) : 0; t < x.Count; t++)
        {
            for (var c = firstChannel; c < vectorEnd; c += Lanes.Count)
                Step(x, state, weight, width, bias, silu, t, c, y);
        }

        Scalar(x, state, weight, width, bias, silu, vectorEnd, end, y);
        Carry(x, state, width, firstChannel, channelCount);
    }

    /// <summary>The scalar form of <see cref="Run"/>, equal to it in every bit.</summary>
    public static void RunScalar(
        Rows x, Span<float> state, ReadOnlySpan<float> weight, int width, ReadOnlySpan<float> bias, bool silu,
        int firstChannel, int channelCount, MutableRows y)
    {
        Check(x, state.Length, weight.Length, width, bias.Length, firstChannel, channelCount, y);
        Scalar(x, state, weight, width, bias, silu, firstChannel, firstChannel + channelCount, y);
        Carry(x, state, width, firstChannel, channelCount);
    }

    /// <summary>16 channels of one token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(
        Rows x, Span<float> state, ReadOnlySpan<float> weight, int width, ReadOnlySpan<float> bias, bool silu,
        int t, int c, MutableRows y)
    {
        ref var taps = ref Unsafe.Add(ref MemoryMarshal.GetReference(weight), c);
        ref var earlier = ref Unsafe.Add(ref MemoryMarshal.GetReference(state), c);
        ref var inputs = ref Unsafe.Add(ref MemoryMarshal.GetReference(x.Values), c);
        nint channels = x.Width;
        var sum = bias.IsEmpty
            ? Vector512<float>.Zero
            : Lanes.Load(ref MemoryMarshal.GetReference(bias), c);
        for (var k = 0; k < width; k++)
        {
            var at = t - width + 1 + k;
            var input = at < 0
                ? Lanes.Load(ref earlier, (t + k) * channels)
                : Lanes.Load(ref inputs, (nint)at * x.Stride);
            sum = Vector512.FusedMultiplyAdd(Lanes.Load(ref taps, k * channels), input, sum);
        }

        if (silu)
            sum = Activation.Silu(sum);
        Lanes.Store(sum, ref MemoryMarshal.GetReference(y.Values), ((nint)t * y.Stride) + c);
    }

    private static void Scalar(
        Rows x, Span<float> state, ReadOnlySpan<float> weight, int width, ReadOnlySpan<float> bias, bool silu,
        int firstChannel, int end, MutableRows y)
    {
        var channels = x.Width;
        for (var t = 0; t < x.Count; t++)
        {
            for (var c = firstChannel; c < end; c++)
            {
                var sum = bias.IsEmpty ? 0f : bias[c];
                for (var k = 0; k < width; k++)
                {
                    var at = t - width + 1 + k;
                    var input = at < 0 ? state[((t + k) * channels) + c] : x.Values[(at * x.Stride) + c];
                    sum = MathF.FusedMultiplyAdd(weight[(k * channels) + c], input, sum);
                }

                y.Values[(t * y.Stride) + c] = silu ? Activation.Silu(sum) : sum;
            }
        }
    }

    /// <summary>Makes the last width - 1 inputs the state.</summary>
    private static void Carry(Rows x, Span<float> state, int width, int firstChannel, int channelCount)
    {
        var channels = x.Width;
        for (var i = 0; i < width - 1; i++)
        {
            var at = x.Count - (width - 1) + i;
            var source = at < 0
                ? state.Slice(((x.Count + i) * channels) + firstChannel, channelCount)
                : x[at].Slice(firstChannel, channelCount);
            source.CopyTo(state[((i * channels) + firstChannel)..]);
        }
    }

    private static void Check(
        Rows x, int state, int weight, int width, int bias, int firstChannel, int channelCount, MutableRows y)
    {
        Guard.AtLeast(width, 1);
        Guard.Equal(state, (width - 1L) * x.Width);
        Guard.Equal(weight, (long)width * x.Width);
        Guard.EmptyOr(bias, x.Width);
        Guard.Range(firstChannel, channelCount, x.Width);
        Guard.Equal(y.Count, x.Count);
        Guard.Equal(y.Width, x.Width);
    }
}
