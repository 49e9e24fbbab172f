using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>Elementwise sums and products; each element is rounded once. Outputs may be inputs.</summary>
public static class Elementwise
{
    /// <summary>sum[i] = x[i] + y[i].</summary>
    public static void Add(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> sum)
    {
        Guard.Equal(y.Length, x.Length);
        Guard.Equal(sum.Length, x.Length);
        ref var left = ref MemoryMarshal.GetReference(x);
        ref var right = ref MemoryMarshal.GetReference(y);
        ref var target = ref MemoryMarshal.GetReference(sum);
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= x.Length - Lanes.Count; i += Lanes.Count)
                Lanes.Store(Lanes.Load(ref left, i) + Lanes.Load(ref right, i), ref target, i);
        }

        for (; i < x.Length; i++)
            Unsafe.Add(ref target, i) = Unsafe.Add(ref left, i) + Unsafe.Add(ref right, i);
    }

    /// <summary>The scalar form of <see cref="Add"/>.</summary>
    public static void AddScalar(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> sum)
    {
        Guard.Equal(y.Length, x.Length);
        Guard.Equal(sum.Length, x.Length);
        for (var i = 0; i < x.Length; i++)
            sum[i] = x[i] + y[i];
    }

    /// <summary>product[i] = x[i] * y[i].</summary>
    public static void Multiply(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> product)
    {
        Guard.Equal(y.Length, x.Length);
        Guard.Equal(product.Length, x.Length);
        ref var left = ref MemoryMarshal.GetReference(x);
        ref var right = ref MemoryMarshal.GetReference(y);
        ref var target = ref MemoryMarshal.GetReference(product);
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= x.Length - Lanes.Count; i += Lanes.Count)
                Lanes.Store(Lanes.Load(ref left, i) * Lanes.Load(ref right, i), ref target, i);
        }

        for (; i < x.Length; i++)
            Unsafe.Add(ref target, i) = Unsafe.Add(ref left, i) * Unsafe.Add(ref right, i);
    }

    /// <summary>The scalar form of <see cref="Multiply"/>.</summary>
    public static void MultiplyScalar(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> product)
    {
        Guard.Equal(y.Length, x.Length);
        Guard.Equal(product.Length, x.Length);
        for (var i = 0; i < x.Length; i++)
            product[i] = x[i] * y[i];
    }

    /// <summary>product[i] = x[i] * factor.</summary>
    public static void Scale(ReadOnlySpan<float> x, float factor, Span<float> product)
    {
        Guard.Equal(product.Length, x.Length);
        ref var source = ref MemoryMarshal.GetReference(x);
        ref var target = ref MemoryMarshal.GetReference(product);
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            var factors = Vector512.Create(factor);
            for (; i <= x.Length - Lanes.Count; i += Lanes.Count)
                Lanes.Store(Lanes.Load(ref source, i) * factors, ref target, i);
        }

        for (; i < x.Length; i++)
            Unsafe.Add(ref target, i) = Unsafe.Add(ref source, i) * factor;
    }

    /// <summary>The scalar form of <see cref="Scale"/>.</summary>
    public static void ScaleScalar(ReadOnlySpan<float> x, float factor, Span<float> product)
    {
        Guard.Equal(product.Length, x.Length);
        for (var i = 0; i < x.Length; i++)
            product[i] = x[i] * factor;
    }
}
