using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <summary>
/// The 16 f32 lanes every reduction uses, on every machine: lane l takes the elements k = l modulo 16 in ascending
/// order, a short last vector is padded with zeros, and the lanes are added by one fixed tree (i + i+8, then i + i+4,
/// i + i+2, 0 + 1). So a sum has the same bits at every vector width, thread count and number of tokens.
/// </summary>
internal static class Lanes
{
    public const int Count = 16;

    /// <summary>The fixed tree over the lanes of a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> lanes) => Sum(lanes.GetLower() + lanes.GetUpper());

    /// <summary>The fixed tree from its second level on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> lanes)
    {
        var four = lanes.GetLower() + lanes.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3));
        return two.GetElement(0) + two.GetElement(1);
    }

    /// <summary>The fixed tree, scalar form; the lanes are overwritten.</summary>
    public static float Sum(Span<float> lanes)
    {
        for (var half = Count / 2; half >= 1; half /= 2)
        {
            for (var i = 0; i < half; i++)
                lanes[i] += lanes[i + half];
        }

        return lanes[0];
    }

    /// <summary>The dot product in lane order, scalar form.</summary>
    public static float DotScalar(ReadOnlySpan<float> x, ReadOnlySpan<float> w)
    {
        Span<float> lanes = stackalloc float[Count];
        lanes.Clear();
        var padded = (x.Length + Count - 1) / Count * Count;
        for (var k = 0; k < padded; k++)
        {
            ref var lane = ref lanes[k % Count];
            lane = k < x.Length ? MathF.FusedMultiplyAdd(x[k], w[k], lane) : MathF.FusedMultiplyAdd(0f, 0f, lane);
        }

        return Sum(lanes);
    }

    /// <summary>The dot product in lane order, vector form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(ref float x, ref float w, nint columns)
    {
        // The remainder is fetched first because a call behind the loop would keep its sums out of registers.
        var whole = columns - (columns % Count);
        Vector512<float> lastX = Vector512<float>.Zero, lastW = lastX;
        if (whole < columns)
        {
            lastX = LoadPartial(ref Unsafe.Add(ref x, whole), (int)(columns - whole));
            lastW = LoadPartial(ref Unsafe.Add(ref w, whole), (int)(columns - whole));
        }

        var sum = Vector512<float>.Zero;
        for (nint k = 0; k < whole; k += Count)
            sum = Vector512.FusedMultiplyAdd(Load(ref x, k), Load(ref w, k), sum);
        if (whole < columns)
            sum = Vector512.FusedMultiplyAdd(lastX, lastW, sum);
        return Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load<T>(ref T start, nint offset) => Vector512.LoadUnsafe(ref start, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Vector512<T> value, ref T start, nint offset) =>
        value.StoreUnsafe(ref start, (nuint)offset);

    /// <summary>Eight words; as a memory operand of one instruction on AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Widen(Vector128<short> words) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int32(words) : Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words));

    /// <summary>c - a b with one rounding; the compiler folds no sign into a fused multiply-add by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplySubtractFrom(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.IsSupported ? Avx512F.FusedMultiplyAddNegated(a, b, c) : Vector512.FusedMultiplyAdd(-a, b, c);

    /// <summary>The first <paramref name="count"/> elements, then zeros; reads nothing behind them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector512<float> LoadPartial(ref float start, int count)
    {
        var value = Vector512<float>.Zero;
        ref var lanes = ref Unsafe.As<Vector512<float>, float>(ref value);
        for (var i = 0; i < count; i++)
            Unsafe.Add(ref lanes, i) = Unsafe.Add(ref start, i);
        return value;
    }
}
