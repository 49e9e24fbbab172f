using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <content>
/// The scan with a state of bfloat16. A token computes in f32, and the state is rounded behind every token: how tokens are
/// divided among calls changes no bit.
/// </content>
public static partial class SelectiveScan
{
    // 16 KiB: 16 channels with 256 state dimensions.
    private const int StackFloats = 4 * 1024;

    /// <summary>Scans all tokens for a range of channels, the state being bfloat16.</summary>
    /// <param name="inputs">The operands.</param>
    /// <param name="firstChannel">The first channel of the range.</param>
    /// <param name="channelCount">The number of channels of the range.</param>
    /// <param name="state">bfloat16 [N][E]; the channels of the range are updated, rounded to nearest, ties to even.</param>
    /// <param name="y">[tokens, E], written for the range; may be the x of the inputs.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Run(
        in SelectiveScanInputs inputs, int firstChannel, int channelCount, Span<ushort> state, MutableRows y)
    {
        Check(inputs, firstChannel, channelCount, state.Length, y);
        var length = inputs.B.Width * Lanes.Count;
        Span<float> wide = length <= StackFloats ? stackalloc float[length] : new float[length];
        Span<ushort> narrow = length <= StackFloats ? stackalloc ushort[length] : new ushort[length];
        var end = firstChannel + channelCount;
        var c = firstChannel;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; c <= end - Lanes.Count; c += Lanes.Count)
                Block(inputs, c, state, wide, narrow, y);
        }

        Scalar(inputs, c, end, state, wide[..inputs.B.Width], y);
    }

    /// <summary>The scalar form of <see cref="Run(in SelectiveScanInputs, int, int, Span{ushort}, MutableRows)"/>, equal to it in every bit.</summary>
    public static void RunScalar(
        in SelectiveScanInputs inputs, int firstChannel, int channelCount, Span<ushort> state, MutableRows y)
    {
        Check(inputs, firstChannel, channelCount, state.Length, y);
        Scalar(inputs, firstChannel, firstChannel + channelCount, state, new float[inputs.B.Width], y);
    }

    /// <summary>All tokens of 16 channels, whose state [N][16] is kept side by side.</summary>
    private static void Block(
        in SelectiveScanInputs inputs, int channel, Span<ushort> state, Span<float> wide, Span<ushort> narrow, MutableRows y)
    {
        var channels = inputs.X.Width;
        for (var n = 0; n < inputs.B.Width; n++)
            state.Slice((n * channels) + channel, Lanes.Count).CopyTo(narrow[(n * Lanes.Count)..]);
        for (var t = 0; t < y.Count; t++)
        {
            BFloat16.Widen(narrow, wide);
            Step(inputs, t, channel, ref MemoryMarshal.GetReference(wide), Lanes.Count, y[t]);
            BFloat16.Narrow(wide, narrow);
        }

        for (var n = 0; n < inputs.B.Width; n++)
            narrow.Slice(n * Lanes.Count, Lanes.Count).CopyTo(state[((n * channels) + channel)..]);
    }

    private static void Scalar(
        in SelectiveScanInputs inputs, int first, int end, Span<ushort> state, Span<float> wide, MutableRows y)
    {
        var channels = inputs.X.Width;
        for (var channel = first; channel < end; channel++)
        {
            for (var t = 0; t < y.Count; t++)
            {
                for (var n = 0; n < wide.Length; n++)
                    wide[n] = BFloat16.Widen(state[(n * channels) + channel]);
                y[t][channel] = StepScalar(inputs, t, channel, wide, 1);
                for (var n = 0; n < wide.Length; n++)
                    state[(n * channels) + channel] = BFloat16.Narrow(wide[n]);
            }
        }
    }
}
