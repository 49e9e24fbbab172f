using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>Elementwise activations. 16 lanes a step; the remainder uses the scalar form, which has the same bits.</summary>
public static class Activation
{
    /// <summary>Above this, softplus(x) is x (PyTorch's default threshold with beta = 1).</summary>
    public const float SoftplusThreshold = 20f;

    /// <summary>
    /// x / (1 + e^-x), within 3 units in the last place from -87 on; -0 below -87.5, where the function is under 1e-36.
    /// NaN for -infinity, as in PyTorch.
    /// </summary>
    public static float Silu(float x)
    {
        var t = VectorMath.ExpOfNegative(-MathF.Abs(x));
        return (x < 0f ? x * t : x) * VectorMath.ReciprocalOfOnePlus(t);
    }

    /// <inheritdoc cref="Silu(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Silu(Vector512<float> x)
    {
        var t = VectorMath.ExpOfNegative(x | Vector512.Create(-0f));
        var numerator = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), x * t, x);
        return numerator * VectorMath.ReciprocalOfOnePlus(t);
    }

    /// <summary>
    /// log(1 + e^x) as max(x, 0) + log(1 + e^-|x|), within 3 units in the last place from -87 on, 0 below -87.5. Above
    /// <see cref="SoftplusThreshold"/> the sum rounds to x itself.
    /// </summary>
    public static float Softplus(float x) =>
        (0f > x ? 0f : x) + VectorMath.Log1pOfUnit(VectorMath.ExpOfNegative(-MathF.Abs(x)));

    /// <inheritdoc cref="Softplus(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Softplus(Vector512<float> x) =>
        Vector512.MaxNative(Vector512<float>.Zero, x) + VectorMath.Log1pOfUnit(VectorMath.ExpOfNegative(x | Vector512.Create(-0f)));

    /// <summary>y[i] = silu(x[i]). <paramref name="y"/> may be <paramref name="x"/>.</summary>
    public static void Silu(ReadOnlySpan<float> x, Span<float> y) => ElementDriver.Apply<SiluOperation>(x, y);

    /// <summary>The scalar form of <see cref="Silu(ReadOnlySpan{float}, Span{float})"/>.</summary>
    public static void SiluScalar(ReadOnlySpan<float> x, Span<float> y) => ElementDriver.ApplyScalar<SiluOperation>(x, y);

    /// <summary>y[i] = softplus(x[i]). <paramref name="y"/> may be <paramref name="x"/>.</summary>
    public static void Softplus(ReadOnlySpan<float> x, Span<float> y) => ElementDriver.Apply<SoftplusOperation>(x, y);

    /// <summary>The scalar form of <see cref="Softplus(ReadOnlySpan{float}, Span{float})"/>.</summary>
    public static void SoftplusScalar(ReadOnlySpan<float> x, Span<float> y) => ElementDriver.ApplyScalar<SoftplusOperation>(x, y);

    private readonly struct SiluOperation : IUnaryOperation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Invoke(float x) => Silu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Invoke(Vector512<float> x) => Silu(x);
    }

    private readonly struct SoftplusOperation : IUnaryOperation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Invoke(float x) => Softplus(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Invoke(Vector512<float> x) => Softplus(x);
    }
}
