using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>
/// exp, log and log1p of f32 in a scalar and a 16-lane form that agree in every bit, because both spell out the same
/// additions, multiplications, divisions and fused multiply-adds. Error at most 2 units in the last place over the
/// whole range, subnormal results included. A NaN gives a NaN.
/// </summary>
/// <remarks>
/// exp: x = n ln 2 + r with |r| at most ln(2)/2, polynomial of degree 6 in r, then two multiplications by powers
/// of two so that results overflow to infinity and underflow through the subnormals by the hardware's own rounding.
/// log: x = 2^e m with m in [sqrt(1/2), sqrt 2), f = m - 1, s = f / (2 + f), log m = 2 atanh s by its series,
/// arranged as f - (f^2/2 - s (f^2/2 + R)) so that f itself is added last.
/// </remarks>
public static partial class VectorMath
{
    private const float ExpHigh = 89f;
    private const float ExpLow = -105f;
    private const float Log2E = 1.44269504088896341f;

    // 1.5 * 2^23: adding it rounds to an integer that then stands in the low bits of the sum.
    private const float Shifter = 12582912f;
    private const int ShifterBits = 0x4B400000;

    // ln 2 rounded to f32 and the rest: the fused multiply-add makes the product with the first exact.
    private const float Ln2 = 0.693147180559945309f;
    private const float Ln2Rest = (float)(0.693147180559945309 - (double)Ln2);

    // ln 2 with 8 trailing zero bits, so that the product with any exponent is exact, and the rest.
    private const float Ln2Short = 0.693138122558593750f;
    private const float Ln2ShortRest = (float)(0.693147180559945309 - (double)Ln2Short);

    // The polynomial 1 + r + E2 r^2 + ... of least relative error to e^r for |r| up to 0.3468: 3.1e-9.
    private const float E2 = 0.499999934271f;
    private const float E3 = 0.166665203122f;
    private const float E4 = 0.0416683914033f;
    private const float E5 = 0.00836875579815f;
    private const float E6 = 0.00138145471569f;

    private const float A3 = 2f / 3;
    private const float A5 = 2f / 5;
    private const float A7 = 2f / 7;
    private const float A9 = 2f / 9;

    private const float SmallestNormal = 1.17549435e-38f;
    private const float TwoTo23 = 8388608f;
    private const int RootHalfBits = 0x3F3504F3;
    private const int MantissaMask = 0x007FFFFF;

    /// <summary>e^x: 0 for -infinity, +infinity from 88.72284 on.</summary>
    public static float Exp(float x)
    {
        x = ExpHigh < x ? ExpHigh : x;
        x = ExpLow > x ? ExpLow : x;
        var shifted = MathF.FusedMultiplyAdd(x, Log2E, Shifter);
        var exponent = BitConverter.SingleToInt32Bits(shifted) - ShifterBits;
        var half = exponent >> 1;
        return Mantissa(x, shifted - Shifter) * PowerOfTwo(half) * PowerOfTwo(exponent - half);
    }

    /// <inheritdoc cref="Exp(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // The constant stands first so that a NaN, being neither less nor greater, is what remains.
        x = Vector512.MinNative(Vector512.Create(ExpHigh), x);
        x = Vector512.MaxNative(Vector512.Create(ExpLow), x);
        var shifter = Vector512.Create(Shifter);
        var shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(Log2E), shifter);
        var exponent = shifted.AsInt32() - Vector512.Create(ShifterBits);
        var half = Vector512.ShiftRightArithmetic(exponent, 1);
        return Mantissa(x, shifted - shifter) * PowerOfTwo(half) * PowerOfTwo(exponent - half);
    }

    /// <summary>e^(x - n ln 2), where n is x / ln 2 rounded.</summary>
    private static float Mantissa(float x, float n)
    {
        var r = MathF.FusedMultiplyAdd(n, -Ln2, x);
        r = MathF.FusedMultiplyAdd(n, -Ln2Rest, r);
        var p = MathF.FusedMultiplyAdd(E6, r, E5);
        p = MathF.FusedMultiplyAdd(p, r, E4);
        p = MathF.FusedMultiplyAdd(p, r, E3);
        p = MathF.FusedMultiplyAdd(p, r, E2);
        p = MathF.FusedMultiplyAdd(p, r, 1f);
        return MathF.FusedMultiplyAdd(p, r, 1f);
    }

    /// <inheritdoc cref="Mantissa(float, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mantissa(Vector512<float> x, Vector512<float> n)
    {
        var one = Vector512.Create(1f);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Rest), r);
        var p = Vector512.FusedMultiplyAdd(Vector512.Create(E6), r, Vector512.Create(E5));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(E4));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(E3));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(E2));
        p = Vector512.FusedMultiplyAdd(p, r, one);
        return Vector512.FusedMultiplyAdd(p, r, one);
    }

    /// <summary>The natural logarithm: -infinity for 0, NaN below, +infinity for +infinity.</summary>
    public static float Log(float x)
    {
        if (!(x > 0f))
            return x == 0f ? float.NegativeInfinity : float.NaN;
        return x == float.PositiveInfinity ? x : LogOfPositive(x, 0f);
    }

    /// <inheritdoc cref="Log(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x) =>
        LogSpecials(x, LogOfPositive(x, Vector512<float>.Zero));

    /// <summary>log(1 + x), accurate for small x: -infinity for -1, NaN below, +infinity for +infinity.</summary>
    public static float Log1p(float x)
    {
        var u = 1f + x;
        if (!(u > 0f))
            return u == 0f ? float.NegativeInfinity : float.NaN;
        if (u == float.PositiveInfinity)
            return u;

        // What rounding took from 1 + x, to first order in the logarithm.
        var lost = x >= 1f ? 1f - (u - x) : x - (u - 1f);
        return LogOfPositive(u, lost / u);
    }

    /// <inheritdoc cref="Log1p(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log1p(Vector512<float> x)
    {
        var one = Vector512.Create(1f);
        var u = one + x;
        var lost = Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, one), one - (u - x), x - (u - one));
        return LogSpecials(u, LogOfPositive(u, lost / u));
    }

    private static float LogOfPositive(float x, float correction)
    {
        var offset = 0f;
        if (x < SmallestNormal)
        {
            x *= TwoTo23;
            offset = -23f;
        }

        var bits = BitConverter.SingleToInt32Bits(x) - RootHalfBits;
        var e = (bits >> 23) + offset;
        var f = BitConverter.Int32BitsToSingle((bits & MantissaMask) + RootHalfBits) - 1f;
        var s = f / (2f + f);
        var z = s * s;
        var series = MathF.FusedMultiplyAdd(A9, z, A7);
        series = MathF.FusedMultiplyAdd(series, z, A5);
        series = MathF.FusedMultiplyAdd(series, z, A3);
        series *= z;
        var halfSquare = 0.5f * f * f;
        var rest = MathF.FusedMultiplyAdd(e, Ln2ShortRest, correction);
        rest = MathF.FusedMultiplyAdd(s, halfSquare + series, rest);
        return (e * Ln2Short) - (halfSquare - rest - f);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LogOfPositive(Vector512<float> x, Vector512<float> correction)
    {
        var subnormal = Vector512.LessThan(x, Vector512.Create(SmallestNormal));
        x = Vector512.ConditionalSelect(subnormal, x * Vector512.Create(TwoTo23), x);
        var offset = subnormal & Vector512.Create(-23f);
        var bits = x.AsInt32() - Vector512.Create(RootHalfBits);
        var e = Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(bits, 23)) + offset;
        var mantissa = (bits & Vector512.Create(MantissaMask)) + Vector512.Create(RootHalfBits);
        var f = mantissa.AsSingle() - Vector512.Create(1f);
        var s = f / (Vector512.Create(2f) + f);
        var z = s * s;
        var series = Vector512.FusedMultiplyAdd(Vector512.Create(A9), z, Vector512.Create(A7));
        series = Vector512.FusedMultiplyAdd(series, z, Vector512.Create(A5));
        series = Vector512.FusedMultiplyAdd(series, z, Vector512.Create(A3));
        series *= z;
        var halfSquare = Vector512.Create(0.5f) * f * f;
        var rest = Vector512.FusedMultiplyAdd(e, Vector512.Create(Ln2ShortRest), correction);
        rest = Vector512.FusedMultiplyAdd(s, halfSquare + series, rest);
        return (e * Vector512.Create(Ln2Short)) - (halfSquare - rest - f);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LogSpecials(Vector512<float> x, Vector512<float> logarithm)
    {
        var infinity = Vector512.Create(float.PositiveInfinity);
        logarithm = Vector512.ConditionalSelect(Vector512.Equals(x, infinity), infinity, logarithm);
        logarithm = Vector512.ConditionalSelect(
            Vector512.GreaterThan(x, Vector512<float>.Zero), logarithm, Vector512.Create(float.NaN));
        return Vector512.ConditionalSelect(Vector512.Equals(x, Vector512<float>.Zero), -infinity, logarithm);
    }

    private static float PowerOfTwo(int exponent) => BitConverter.Int32BitsToSingle((exponent + 127) << 23);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<int> exponent) =>
        Vector512.ShiftLeft(exponent + Vector512.Create(127), 23).AsSingle();
}
