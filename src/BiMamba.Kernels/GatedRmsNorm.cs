using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>
/// The normalisation at the end of a Mamba-2 mixer: norm(x * silu(z)) by default, or norm(x) * silu(z) with
/// normBeforeGate; norm is <see cref="RmsNorm"/>.
/// </summary>
/// <remarks>The gate is elementwise with 16 lanes a step and a scalar remainder; see <see cref="RmsNorm"/> for sums.</remarks>
public static class GatedRmsNorm
{
    /// <summary>Gates and normalises each row of x.</summary>
    /// <param name="x">[tokens, d].</param>
    /// <param name="z">The gate before silu, [tokens, d].</param>
    /// <param name="weight">[d], or empty for 1.</param>
    /// <param name="epsilon">Added to the mean of squares.</param>
    /// <param name="groupSize">The columns of a group, a divisor of d.</param>
    /// <param name="normBeforeGate">Whether the norm comes first.</param>
    /// <param name="y">[tokens, d]; may be x, must not overlap z.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Run(
        Rows x, Rows z, ReadOnlySpan<float> weight, float epsilon, int groupSize, bool normBeforeGate, MutableRows y)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            RunScalar(x, z, weight, epsilon, groupSize, normBeforeGate, y);
            return;
        }

        Check(x, z, y);
        if (normBeforeGate)
        {
            RmsNorm.Run(x, weight, epsilon, groupSize, y);
            Gate(y, z, y);
        }
        else
        {
            RmsNorm.Check(x, weight, groupSize, y);
            for (var t = 0; t < x.Count; t++)
            {
                for (var first = 0; first < x.Width; first += groupSize)
                {
                    ref var group = ref MemoryMarshal.GetReference(y[t][first..]);
                    var squares = GateAndSquare(
                        ref MemoryMarshal.GetReference(x[t][first..]), ref MemoryMarshal.GetReference(z[t][first..]), ref group, groupSize);
                    RmsNorm.Scale(ref group, RmsNorm.Factor(squares, epsilon, groupSize), weight, first, ref group, groupSize);
                }
            }
        }
    }

    /// <summary>The scalar form of <see cref="Run"/>, equal to it in every bit.</summary>
    public static void RunScalar(
        Rows x, Rows z, ReadOnlySpan<float> weight, float epsilon, int groupSize, bool normBeforeGate, MutableRows y)
    {
        Check(x, z, y);
        if (normBeforeGate)
        {
            RmsNorm.RunScalar(x, weight, epsilon, groupSize, y);
            GateScalar(y, z, y);
        }
        else
        {
            GateScalar(x, z, y);
            RmsNorm.RunScalar(y, weight, epsilon, groupSize, y);
        }
    }

    /// <summary>Gates one group and returns the sum of its squares in the order of <see cref="Lanes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float GateAndSquare(ref float x, ref float z, ref float y, nint count)
    {
        // The remainder is gated first because a call behind the loop would keep its sum out of registers.
        var whole = count - (count % Lanes.Count);
        for (var i = whole; i < count; i++)
            Unsafe.Add(ref y, i) = Unsafe.Add(ref x, i) * Activation.Silu(Unsafe.Add(ref z, i));
        var last = whole < count ? Lanes.LoadPartial(ref Unsafe.Add(ref y, whole), (int)(count - whole)) : Vector512<float>.Zero;
        var sum = Vector512<float>.Zero;
        for (nint i = 0; i < whole; i += Lanes.Count)
        {
            var value = Lanes.Load(ref x, i) * Activation.Silu(Lanes.Load(ref z, i));
            Lanes.Store(value, ref y, i);
            sum = Vector512.FusedMultiplyAdd(value, value, sum);
        }

        return Lanes.Sum(whole < count ? Vector512.FusedMultiplyAdd(last, last, sum) : sum);
    }

    private static void Gate(Rows x, Rows z, MutableRows y)
    {
        for (var t = 0; t < x.Count; t++)
        {
            ref var source = ref MemoryMarshal.GetReference(x[t]);
            ref var gate = ref MemoryMarshal.GetReference(z[t]);
            ref var target = ref MemoryMarshal.GetReference(y[t]);
            nint i = 0;
            for (; i <= x.Width - Lanes.Count; i += Lanes.Count)
                Lanes.Store(Lanes.Load(ref source, i) * Activation.Silu(Lanes.Load(ref gate, i)), ref target, i);
            for (; i < x.Width; i++)
                Unsafe.Add(ref target, i) = Unsafe.Add(ref source, i) * Activation.Silu(Unsafe.Add(ref gate, i));
        }
    }

    private static void GateScalar(Rows x, Rows z, MutableRows y)
    {
        for (var t = 0; t < x.Count; t++)
        {
            for (var i = 0; i < x.Width; i++)
                y[t][i] = x[t][i] * Activation.Silu(z[t][i]);
        }
    }

    private static void Check(Rows x, Rows z, MutableRows y)
    {
        Guard.Equal(z.Count, x.Count);
        Guard.Equal(z.Width, x.Width);
        Guard.Equal(y.Count, x.Count);
        Guard.Equal(y.Width, x.Width);
    }
}
