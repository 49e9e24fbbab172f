using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>
/// exp, log and log1p of f32 in a scalar and a 16-lane form that agree in every bit, because both spell out the same
/// additions, multiplications, divisions and fused multiply-adds. Error at most 2 units in the last place over the
/// whole range, subnormal results included. A NaN gives a NaN.
/// </summary>
/// <remarks>
/// exp: x = n ln 2 + r with |r| at most ln(2)/2, Taylor polynomial of degree 7 in r, then two multiplications by powers
/// of two so that results overflow to infinity and underflow through the subnormals by the hardware's own rounding.
/// log: x = 2^e m with m in [sqrt(1/2), sqrt 2), f = m - 1, s = f / (2 + f), log m = 2 atanh s by its series,
/// arranged as f - (f^2/2 - s (f^2/2 + R)) so that f itself is added last.
/// </remarks>
public static class VectorMath
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

    private const float E2 = 1f / 2;
    private const float E3 = 1f / 6;
    private const float E4 = 1f / 24;
    private const float E5 = 1f / 120;
    private const float E6 = 1f / 720;
    private const float E7 = 1f / 5040;

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
        x = x > ExpHigh ? ExpHigh : x;
        x = x < ExpLow ? ExpLow : x;
        var shifted = MathF.FusedMultiplyAdd(x, Log2E, Shifter);
        var n = shifted - Shifter;
        var exponent = BitConverter.SingleToInt32Bits(shifted) - ShifterBits;
        var r = MathF.FusedMultiplyAdd(n, -Ln2, x);
        r = MathF.FusedMultiplyAdd(n, -Ln2Rest, r);
        var q = MathF.FusedMultiplyAdd(E7, r, E6);
        q = MathF.FusedMultiplyAdd(q, r, E5);
        q = MathF.FusedMultiplyAdd(q, r, E4);
        q = MathF.FusedMultiplyAdd(q, r, E3);
        q = MathF.FusedMultiplyAdd(q, r, E2);
        var p = MathF.FusedMultiplyAdd(r * r, q, r) + 1f;
        var half = exponent >> 1;
        return p * PowerOfTwo(half) * PowerOfTwo(exponent - half);
    }

    /// <inheritdoc cref="Exp(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        var high = Vector512.Create(ExpHigh);
        var low = Vector512.Create(ExpLow);
        x = Vector512.ConditionalSelect(Vector512.GreaterThan(x, high), high, x);
        x = Vector512.ConditionalSelect(Vector512.LessThan(x, low), low, x);
        var shifter = Vector512.Create(Shifter);
        var shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(Log2E), shifter);
        var n = shifted - shifter;
        var exponent = shifted.AsInt32() - Vector512.Create(ShifterBits);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Rest), r);
        var q = Vector512.FusedMultiplyAdd(Vector512.Create(E7), r, Vector512.Create(E6));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(E5));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(E4));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(E3));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(E2));
        var p = Vector512.FusedMultiplyAdd(r * r, q, r) + Vector512.Create(1f);
        var half = Vector512.ShiftRightArithmetic(exponent, 1);
        return p * PowerOfTwo(half) * PowerOfTwo(exponent - half);
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
