using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>A function of one element, on one and on 16 lanes with the same bits.</summary>
internal interface IUnaryOperation
{
    /// <summary>The function of one element.</summary>
    static abstract float Invoke(float x);

    /// <summary>The function of 16 elements.</summary>
    static abstract Vector512<float> Invoke(Vector512<float> x);
}

/// <summary>A function of two elements, on one and on 16 lanes with the same bits.</summary>
internal interface IBinaryOperation
{
    /// <summary>The function of two elements.</summary>
    static abstract float Invoke(float x, float y);

    /// <summary>The function of 16 pairs.</summary>
    static abstract Vector512<float> Invoke(Vector512<float> x, Vector512<float> y);
}

/// <summary>
/// Applies an operation to every element: 16 lanes a step, the remainder one by one. Outputs may be inputs.
/// </summary>
internal static class ElementDriver
{
    /// <summary>result[i] = operation(x[i]).</summary>
    public static void Apply<TOperation>(ReadOnlySpan<float> x, Span<float> result)
        where TOperation : struct, IUnaryOperation
    {
        Guard.Equal(result.Length, x.Length);
        ref var source = ref MemoryMarshal.GetReference(x);
        ref var target = ref MemoryMarshal.GetReference(result);
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            // Four loads stand before the stores, so that a load whose address looks like that of a store one step
            // before (equal in the low 12 bits) does not wait for the whole chain of the operation.
            for (; i <= x.Length - (4 * Lanes.Count); i += 4 * Lanes.Count)
            {
                var (x0, x1) = (Lanes.Load(ref source, i), Lanes.Load(ref source, i + 16));
                var (x2, x3) = (Lanes.Load(ref source, i + 32), Lanes.Load(ref source, i + 48));
                var (y0, y1, y2, y3) = (TOperation.Invoke(x0), TOperation.Invoke(x1), TOperation.Invoke(x2), TOperation.Invoke(x3));
                Lanes.Store(y0, ref target, i);
                Lanes.Store(y1, ref target, i + 16);
                Lanes.Store(y2, ref target, i + 32);
                Lanes.Store(y3, ref target, i + 48);
            }

            for (; i <= x.Length - Lanes.Count; i += Lanes.Count)
                Lanes.Store(TOperation.Invoke(Lanes.Load(ref source, i)), ref target, i);
        }

        for (; i < x.Length; i++)
            Unsafe.Add(ref target, i) = TOperation.Invoke(Unsafe.Add(ref source, i));
    }

    /// <summary>The scalar form of <see cref="Apply{TOperation}(ReadOnlySpan{float}, Span{float})"/>.</summary>
    public static void ApplyScalar<TOperation>(ReadOnlySpan<float> x, Span<float> result)
        where TOperation : struct, IUnaryOperation
    {
        Guard.Equal(result.Length, x.Length);
        for (var i = 0; i < x.Length; i++)
            result[i] = TOperation.Invoke(x[i]);
    }

    /// <summary>result[i] = operation(x[i], y[i]).</summary>
    public static void Apply<TOperation>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result)
        where TOperation : struct, IBinaryOperation
    {
        Guard.Equal(y.Length, x.Length);
        Guard.Equal(result.Length, x.Length);
        ref var left = ref MemoryMarshal.GetReference(x);
        ref var right = ref MemoryMarshal.GetReference(y);
        ref var target = ref MemoryMarshal.GetReference(result);
        nint i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= x.Length - Lanes.Count; i += Lanes.Count)
                Lanes.Store(TOperation.Invoke(Lanes.Load(ref left, i), Lanes.Load(ref right, i)), ref target, i);
        }

        for (; i < x.Length; i++)
            Unsafe.Add(ref target, i) = TOperation.Invoke(Unsafe.Add(ref left, i), Unsafe.Add(ref right, i));
    }

    /// <summary>The scalar form of <see cref="Apply{TOperation}(ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float})"/>.</summary>
    public static void ApplyScalar<TOperation>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> result)
        where TOperation : struct, IBinaryOperation
    {
        Guard.Equal(y.Length, x.Length);
        Guard.Equal(result.Length, x.Length);
        for (var i = 0; i < x.Length; i++)
            result[i] = TOperation.Invoke(x[i], y[i]);
    }
}
