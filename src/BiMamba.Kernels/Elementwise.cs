using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>Elementwise sums and products; each element is rounded once. Outputs may be inputs.</summary>
public static class Elementwise
{
    /// <summary>sum[i] = x[i] + y[i].</summary>
    public static void Add(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> sum) => ElementDriver.Apply<Sum>(x, y, sum);

    /// <summary>The scalar form of <see cref="Add"/>.</summary>
    public static void AddScalar(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> sum) => ElementDriver.ApplyScalar<Sum>(x, y, sum);

    /// <summary>product[i] = x[i] * y[i].</summary>
    public static void Multiply(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> product) => ElementDriver.Apply<Product>(x, y, product);

    /// <summary>The scalar form of <see cref="Multiply"/>.</summary>
    public static void MultiplyScalar(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> product) => ElementDriver.ApplyScalar<Product>(x, y, product);

    /// <summary>sum[i] = x[i] + y.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Offset(ReadOnlySpan<float> x, float y, Span<float> sum)
    {
        Guard.Equal(sum.Length, x.Length);
        var i = 0;
        for (; i <= x.Length - Lanes.Count; i += Lanes.Count)
            (Vector512.Create(x[i..]) + Vector512.Create(y)).CopyTo(sum[i..]);
        for (; i < x.Length; i++)
            sum[i] = x[i] + y;
    }

    /// <summary>sum[i] += x[i] * y, rounded once.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void MultiplyAdd(ReadOnlySpan<float> x, float y, Span<float> sum)
    {
        Guard.Equal(sum.Length, x.Length);
        var i = 0;
        for (; i <= x.Length - Lanes.Count; i += Lanes.Count)
            Vector512.FusedMultiplyAdd(Vector512.Create(x[i..]), Vector512.Create(y), Vector512.Create<float>(sum[i..])).CopyTo(sum[i..]);
        for (; i < x.Length; i++)
            sum[i] = MathF.FusedMultiplyAdd(x[i], y, sum[i]);
    }

    private readonly struct Sum : IBinaryOperation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Invoke(float x, float y) => x + y;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Invoke(Vector512<float> x, Vector512<float> y) => x + y;
    }

    private readonly struct Product : IBinaryOperation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Invoke(float x, float y) => x * y;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Invoke(Vector512<float> x, Vector512<float> y) => x * y;
    }
}
