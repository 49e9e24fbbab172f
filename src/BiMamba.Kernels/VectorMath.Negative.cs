using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <content>The parts of sigmoid and softplus: e^x of x at most 0, and reciprocals of sums with it, without a division.</content>
public static partial class VectorMath
{
    /// <summary>Below this <see cref="ExpOfNegative(float)"/> is 0.</summary>
    internal const float NegativeLimit = -87.5f;

    private const int OneBits = 0x3F800000;

    // Cubic of least relative error to 1 / (1 + t), t in [0, 1]: 1.8e-3.
    private const float R10 = 0.998266958997f;
    private const float R11 = -0.942807683497f;
    private const float R12 = 0.665511305998f;
    private const float R13 = -0.221837101999f;

    // Quadratic of least relative error to 1 / (2 + t), t in [0, 1]: 2.1e-3.
    private const float R20 = 0.498969631764f;
    private const float R21 = -0.230926475043f;
    private const float R22 = 0.0659770887687f;

    // (atanh(s) / s - 1) / s^2 as a polynomial in s^2, s in [0, 1/3]; error 4.6e-9 of atanh(s) / s.
    private const float T1 = 0.333332065712f;
    private const float T2 = 0.200108492685f;
    private const float T3 = 0.139995746841f;
    private const float T4 = 0.140122098589f;

    /// <summary>e^x for x at most 0: within 1 unit in the last place; 0 below -87.5 and for a NaN.</summary>
    internal static float ExpOfNegative(float x)
    {
        var shifted = MathF.FusedMultiplyAdd(x, Log2E, Shifter);
        var p = Mantissa(x, shifted - Shifter);
        var scale = BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(shifted) << 23) + OneBits);
        return x >= NegativeLimit ? p * scale : 0f;
    }

    /// <inheritdoc cref="ExpOfNegative(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> ExpOfNegative(Vector512<float> x)
    {
        var shifter = Vector512.Create(Shifter);
        var shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(Log2E), shifter);
        var p = Mantissa(x, shifted - shifter);
        var scale = (Vector512.ShiftLeft(shifted.AsInt32(), 23) + Vector512.Create(OneBits)).AsSingle();
        return Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(x, Vector512.Create(NegativeLimit)), p * scale, Vector512<float>.Zero);
    }

    /// <summary>1 / (1 + t) for t in [0, 1].</summary>
    internal static float ReciprocalOfOnePlus(float t)
    {
        var r = MathF.FusedMultiplyAdd(R13, t, R12);
        r = MathF.FusedMultiplyAdd(r, t, R11);
        r = MathF.FusedMultiplyAdd(r, t, R10);
        var e = MathF.FusedMultiplyAdd(-t, r, 1f - r);
        return MathF.FusedMultiplyAdd(r, MathF.FusedMultiplyAdd(e, e, e), r);
    }

    /// <inheritdoc cref="ReciprocalOfOnePlus(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> ReciprocalOfOnePlus(Vector512<float> t)
    {
        var one = Vector512.Create(1f);
        var r = Vector512.FusedMultiplyAdd(Vector512.Create(R13), t, Vector512.Create(R12));
        r = Vector512.FusedMultiplyAdd(r, t, Vector512.Create(R11));
        r = Vector512.FusedMultiplyAdd(r, t, Vector512.Create(R10));
        var e = Lanes.MultiplySubtractFrom(t, r, one - r);
        return Vector512.FusedMultiplyAdd(r, Vector512.FusedMultiplyAdd(e, e, e), r);
    }

    /// <summary>log(1 + t) for t in [0, 1]: 2 atanh(t / (2 + t)).</summary>
    internal static float Log1pOfUnit(float t)
    {
        var r = MathF.FusedMultiplyAdd(R22, t, R21);
        r = MathF.FusedMultiplyAdd(r, t, R20);
        var e = MathF.FusedMultiplyAdd(-t, r, 1f - (r + r));
        r = MathF.FusedMultiplyAdd(r, MathF.FusedMultiplyAdd(e, e, e), r);
        var s = t * r;
        var z = s * s;
        var series = MathF.FusedMultiplyAdd(T4, z, T3);
        series = MathF.FusedMultiplyAdd(series, z, T2);
        series = MathF.FusedMultiplyAdd(series, z, T1);
        var twice = s + s;
        return MathF.FusedMultiplyAdd(twice * z, series, twice);
    }

    /// <inheritdoc cref="Log1pOfUnit(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Log1pOfUnit(Vector512<float> t)
    {
        var r = Vector512.FusedMultiplyAdd(Vector512.Create(R22), t, Vector512.Create(R21));
        r = Vector512.FusedMultiplyAdd(r, t, Vector512.Create(R20));
        var e = Lanes.MultiplySubtractFrom(t, r, Vector512.Create(1f) - (r + r));
        r = Vector512.FusedMultiplyAdd(r, Vector512.FusedMultiplyAdd(e, e, e), r);
        var s = t * r;
        var z = s * s;
        var series = Vector512.FusedMultiplyAdd(Vector512.Create(T4), z, Vector512.Create(T3));
        series = Vector512.FusedMultiplyAdd(series, z, Vector512.Create(T2));
        series = Vector512.FusedMultiplyAdd(series, z, Vector512.Create(T1));
        var twice = s + s;
        return Vector512.FusedMultiplyAdd(twice * z, series, twice);
    }
}
