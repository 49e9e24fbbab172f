using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>Blocks on AVX-512: one register holds the 16 lanes of one sum, in the order in which elements are loaded.</content>
public static partial class StoredRowProduct
{
    private const int BlockRows = 4;
    private const int BlockTokens = 4;
    private const int CacheLine = 64;

    // Measured; 16-bit elements, which take longest to widen, want less than the others.
    private const int FetchDistance = 2048;
    private const int FetchDistance16 = 1024;

    /// <summary>1 token by 4 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Block4x1<T>(in Operands operands)
        where T : struct, IStoredElements
    {
        var w = operands.W;
        ref var x = ref MemoryMarshal.GetReference(operands.X.Values);
        ref var w0 = ref MemoryMarshal.GetReference(w.Elements);
        ref var w1 = ref Unsafe.Add(ref w0, (nint)w.RowBytes);
        ref var w2 = ref Unsafe.Add(ref w1, (nint)w.RowBytes);
        ref var w3 = ref Unsafe.Add(ref w2, (nint)w.RowBytes);
        ref var scales = ref MemoryMarshal.GetReference(w.Scales);
        var bytes = (byte*)Unsafe.AsPointer(ref w0);
        var rowBytes = (nint)w.RowBytes;
        // All of the operands is read before the loop because a call behind it would keep its sums out of registers.
        nint columns = operands.Columns, groupSize = w.GroupSize, groups = w.Groups;
        var hasTail = operands.HasTail;
        ref var tail = ref MemoryMarshal.GetReference(operands.TokenTails);
        ref var rowTails = ref MemoryMarshal.GetReference(operands.RowTails);
        ref var y = ref Unsafe.Add(ref MemoryMarshal.GetReference(operands.Y.Values), operands.FirstRow);
        Vector512<float> a0 = Vector512<float>.Zero, a1 = a0, a2 = a0, a3 = a0;
        nint k = 0;
        for (nint group = 0; k < columns; group++)
        {
            var c0 = Context<T>(ref scales, group);
            var c1 = Context<T>(ref scales, groups + group);
            var c2 = Context<T>(ref scales, (2 * groups) + group);
            var c3 = Context<T>(ref scales, (3 * groups) + group);
            var end = nint.Min(columns, k + groupSize);
            for (; k < end; k += Lanes.Count)
            {
                var v = T.Arrange(Lanes.Load(ref x, k));
                a0 = Vector512.FusedMultiplyAdd(v, T.Load(ref w0, k, c0), a0);
                a1 = Vector512.FusedMultiplyAdd(v, T.Load(ref w1, k, c1), a1);
                a2 = Vector512.FusedMultiplyAdd(v, T.Load(ref w2, k, c2), a2);
                a3 = Vector512.FusedMultiplyAdd(v, T.Load(ref w3, k, c3), a3);
                Fetch<T>(bytes, rowBytes, k);
            }
        }

        if (hasTail)
        {
            var v = T.Arrange(Lanes.Load(ref tail, 0));
            a0 = Vector512.FusedMultiplyAdd(v, T.Arrange(Lanes.Load(ref rowTails, 0)), a0);
            a1 = Vector512.FusedMultiplyAdd(v, T.Arrange(Lanes.Load(ref rowTails, Lanes.Count)), a1);
            a2 = Vector512.FusedMultiplyAdd(v, T.Arrange(Lanes.Load(ref rowTails, 2 * Lanes.Count)), a2);
            a3 = Vector512.FusedMultiplyAdd(v, T.Arrange(Lanes.Load(ref rowTails, 3 * Lanes.Count)), a3);
        }

        y = Lanes.Sum(T.Restore(a0));
        Unsafe.Add(ref y, 1) = Lanes.Sum(T.Restore(a1));
        Unsafe.Add(ref y, 2) = Lanes.Sum(T.Restore(a2));
        Unsafe.Add(ref y, 3) = Lanes.Sum(T.Restore(a3));
    }

    /// <summary>2 to 4 tokens by 4 rows; a missing token is the last one again. Lane sums aRT: row R, token T.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Block4x4<T>(in Operands operands)
        where T : struct, IStoredElements
    {
        var w = operands.W;
        var last = operands.X.Count - 1;
        nint stride = operands.X.Stride;
        ref var x0 = ref MemoryMarshal.GetReference(operands.X.Values);
        ref var x1 = ref Unsafe.Add(ref x0, Math.Min(1, last) * stride);
        ref var x2 = ref Unsafe.Add(ref x0, Math.Min(2, last) * stride);
        ref var x3 = ref Unsafe.Add(ref x0, last * stride);
        ref var w0 = ref MemoryMarshal.GetReference(w.Elements);
        ref var w1 = ref Unsafe.Add(ref w0, (nint)w.RowBytes);
        ref var w2 = ref Unsafe.Add(ref w1, (nint)w.RowBytes);
        ref var w3 = ref Unsafe.Add(ref w2, (nint)w.RowBytes);
        ref var scales = ref MemoryMarshal.GetReference(w.Scales);
        var bytes = (byte*)Unsafe.AsPointer(ref w0);
        var rowBytes = (nint)w.RowBytes;
        // All of the operands is read before the loop because a call behind it would keep its sums out of registers.
        nint columns = operands.Columns, groupSize = w.GroupSize, groups = w.Groups;
        var hasTail = operands.HasTail;
        ref var tail = ref MemoryMarshal.GetReference(operands.TokenTails);
        ref var rowTails = ref MemoryMarshal.GetReference(operands.RowTails);
        nint yStride = operands.Y.Stride;
        ref var y = ref Unsafe.Add(ref MemoryMarshal.GetReference(operands.Y.Values), operands.FirstRow);
        Vector512<float> a00 = Vector512<float>.Zero, a01 = a00, a02 = a00, a03 = a00, a10 = a00, a11 = a00, a12 = a00, a13 = a00;
        Vector512<float> a20 = a00, a21 = a00, a22 = a00, a23 = a00, a30 = a00, a31 = a00, a32 = a00, a33 = a00;
        nint k = 0;
        for (nint group = 0; k < columns; group++)
        {
            var c0 = Context<T>(ref scales, group);
            var c1 = Context<T>(ref scales, groups + group);
            var c2 = Context<T>(ref scales, (2 * groups) + group);
            var c3 = Context<T>(ref scales, (3 * groups) + group);
            var end = nint.Min(columns, k + groupSize);
            for (; k < end; k += Lanes.Count)
            {
                var v0 = T.Arrange(Lanes.Load(ref x0, k));
                var v1 = T.Arrange(Lanes.Load(ref x1, k));
                var v2 = T.Arrange(Lanes.Load(ref x2, k));
                var v3 = T.Arrange(Lanes.Load(ref x3, k));
                MultiplyAdd(T.Load(ref w0, k, c0), v0, v1, v2, v3, ref a00, ref a01, ref a02, ref a03);
                MultiplyAdd(T.Load(ref w1, k, c1), v0, v1, v2, v3, ref a10, ref a11, ref a12, ref a13);
                MultiplyAdd(T.Load(ref w2, k, c2), v0, v1, v2, v3, ref a20, ref a21, ref a22, ref a23);
                MultiplyAdd(T.Load(ref w3, k, c3), v0, v1, v2, v3, ref a30, ref a31, ref a32, ref a33);
                Fetch<T>(bytes, rowBytes, k);
            }
        }

        if (hasTail)
        {
            var v0 = T.Arrange(Lanes.Load(ref tail, 0));
            var v1 = T.Arrange(Lanes.Load(ref tail, Math.Min(1, last) * Lanes.Count));
            var v2 = T.Arrange(Lanes.Load(ref tail, Math.Min(2, last) * Lanes.Count));
            var v3 = T.Arrange(Lanes.Load(ref tail, last * Lanes.Count));
            MultiplyAdd(T.Arrange(Lanes.Load(ref rowTails, 0)), v0, v1, v2, v3, ref a00, ref a01, ref a02, ref a03);
            MultiplyAdd(T.Arrange(Lanes.Load(ref rowTails, Lanes.Count)), v0, v1, v2, v3, ref a10, ref a11, ref a12, ref a13);
            MultiplyAdd(T.Arrange(Lanes.Load(ref rowTails, 2 * Lanes.Count)), v0, v1, v2, v3, ref a20, ref a21, ref a22, ref a23);
            MultiplyAdd(T.Arrange(Lanes.Load(ref rowTails, 3 * Lanes.Count)), v0, v1, v2, v3, ref a30, ref a31, ref a32, ref a33);
        }

        Store<T>(a00, a10, a20, a30, ref y);
        Store<T>(a01, a11, a21, a31, ref Unsafe.Add(ref y, Math.Min(1, last) * yStride));
        Store<T>(a02, a12, a22, a32, ref Unsafe.Add(ref y, Math.Min(2, last) * yStride));
        Store<T>(a03, a13, a23, a33, ref Unsafe.Add(ref y, last * yStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd(
        Vector512<float> w, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3,
        ref Vector512<float> a0, ref Vector512<float> a1, ref Vector512<float> a2, ref Vector512<float> a3)
    {
        a0 = Vector512.FusedMultiplyAdd(v0, w, a0);
        a1 = Vector512.FusedMultiplyAdd(v1, w, a1);
        a2 = Vector512.FusedMultiplyAdd(v2, w, a2);
        a3 = Vector512.FusedMultiplyAdd(v3, w, a3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(
        Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3, ref float y)
        where T : struct, IStoredElements
    {
        y = Lanes.Sum(T.Restore(a0));
        Unsafe.Add(ref y, 1) = Lanes.Sum(T.Restore(a1));
        Unsafe.Add(ref y, 2) = Lanes.Sum(T.Restore(a2));
        Unsafe.Add(ref y, 3) = Lanes.Sum(T.Restore(a3));
    }

    /// <summary>What loading needs of the scale of a group; floats have none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Context<T>(ref byte scales, nint group)
        where T : struct, IStoredElements =>
        T.Bits > 8 ? default : T.Context(QuantizedRows.Widen(Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref scales, group * sizeof(ushort)))));

    /// <summary>
    /// Fetches what lies <see cref="FetchDistance"/> behind a column in each of 4 rows, or, where the rows end before
    /// that, in the 4 rows behind them: the streams of a block are too short for the processor to foresee the next one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Fetch<T>(byte* rows, nint rowBytes, nint column)
        where T : struct, IStoredElements
    {
        var at = column * T.Bits / 8;
        if ((at & (CacheLine - 1)) != 0)
            return;
        at += T.Bits == 16 ? FetchDistance16 : FetchDistance;
        rows += at < rowBytes ? at : at + ((BlockRows - 1) * rowBytes);
        Sse.Prefetch0(rows);
        Sse.Prefetch0(rows + rowBytes);
        Sse.Prefetch0(rows + (2 * rowBytes));
        Sse.Prefetch0(rows + (3 * rowBytes));
    }
}
