using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <content>
/// The scan with a state of bfloat16. A call computes in f32 and rounds the state once, when it ends; so how tokens are
/// divided among calls shows in the last bits of a bfloat16, other than with a state of f32.
/// </content>
public static partial class SsdScan
{
    // 64 KiB: the state of a head of 64 channels with 256 state dimensions.
    private const int StackFloats = 16 * 1024;

    /// <summary>Scans all tokens for a range of heads, the state being bfloat16.</summary>
    /// <param name="inputs">The operands.</param>
    /// <param name="firstHead">The first head of the range.</param>
    /// <param name="headCount">The number of heads of the range.</param>
    /// <param name="state">bfloat16 [H][N][P]; the heads of the range are updated, rounded to nearest, ties to even.</param>
    /// <param name="y">[tokens, H * P], written for the heads of the range; may be the x of the inputs.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Run(in SsdScanInputs inputs, int firstHead, int headCount, Span<ushort> state, MutableRows y)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            RunScalar(inputs, firstHead, headCount, state, y);
            return;
        }

        var shape = Check(inputs, firstHead, headCount, state.Length, y);
        Span<float> wide = shape.StateLength <= StackFloats ? stackalloc float[shape.StateLength] : new float[shape.StateLength];
        for (var head = firstHead; head < firstHead + headCount; head++)
        {
            var values = state.Slice(head * shape.StateLength, shape.StateLength);
            BFloat16.Widen(values, wide);
            Head(inputs, shape, head, wide, y);
            BFloat16.Narrow(wide, values);
        }
    }

    /// <summary>The scalar form of <see cref="Run(in SsdScanInputs, int, int, Span{ushort}, MutableRows)"/>, equal to it in every bit.</summary>
    public static void RunScalar(in SsdScanInputs inputs, int firstHead, int headCount, Span<ushort> state, MutableRows y)
    {
        var shape = Check(inputs, firstHead, headCount, state.Length, y);
        var wide = new float[shape.StateLength];
        for (var head = firstHead; head < firstHead + headCount; head++)
        {
            var values = state.Slice(head * shape.StateLength, shape.StateLength);
            for (var i = 0; i < values.Length; i++)
                wide[i] = BFloat16.Widen(values[i]);
            HeadScalar(inputs, shape, head, 0, wide, y);
            for (var i = 0; i < values.Length; i++)
                values[i] = BFloat16.Narrow(wide[i]);
        }
    }
}
