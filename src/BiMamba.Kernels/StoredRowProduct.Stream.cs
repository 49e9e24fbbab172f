using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// AVX-512, one token, floating-point rows of whole vectors: the product that decodes a token. Eight rows are eight
/// streams, and the next eight are fetched as these are read, so that memory is never waited for.
/// </content>
public static partial class StoredRowProduct
{
    private const int StreamRows = 8;

    /// <summary>The first rows, as many as fill blocks; returns their number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe int Stream<T>(ReadOnlySpan<float> token, StoredRows w, Span<float> y)
        where T : struct, IStoredElements
    {
        ref var x = ref MemoryMarshal.GetReference(token);
        ref var row = ref MemoryMarshal.GetReference(w.Elements);
        ref var target = ref MemoryMarshal.GetReference(y);
        nint columns = token.Length, rowBytes = (nint)w.RowBytes;
        var rows = w.Count / StreamRows * StreamRows;
        for (var r = 0; r < rows; r += StreamRows)
        {
            ref var row1 = ref Unsafe.Add(ref row, rowBytes);
            ref var row2 = ref Unsafe.Add(ref row1, rowBytes);
            ref var row3 = ref Unsafe.Add(ref row2, rowBytes);
            ref var row4 = ref Unsafe.Add(ref row3, rowBytes);
            ref var row5 = ref Unsafe.Add(ref row4, rowBytes);
            ref var row6 = ref Unsafe.Add(ref row5, rowBytes);
            ref var row7 = ref Unsafe.Add(ref row6, rowBytes);
            Vector512<float> a0 = Vector512<float>.Zero, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
            // Past the last row the addresses are those of other weights, or of nothing, which does no harm.
            var ahead = (byte*)Unsafe.AsPointer(ref row) + (StreamRows * rowBytes);
            var unused = Vector512<float>.Zero;
            for (nint k = 0; k < columns; k += Lanes.Count)
            {
                var v = Lanes.Load(ref x, k);
                a0 = Vector512.FusedMultiplyAdd(v, T.Load(ref row, k, unused), a0);
                a1 = Vector512.FusedMultiplyAdd(v, T.Load(ref row1, k, unused), a1);
                a2 = Vector512.FusedMultiplyAdd(v, T.Load(ref row2, k, unused), a2);
                a3 = Vector512.FusedMultiplyAdd(v, T.Load(ref row3, k, unused), a3);
                a4 = Vector512.FusedMultiplyAdd(v, T.Load(ref row4, k, unused), a4);
                a5 = Vector512.FusedMultiplyAdd(v, T.Load(ref row5, k, unused), a5);
                a6 = Vector512.FusedMultiplyAdd(v, T.Load(ref row6, k, unused), a6);
                a7 = Vector512.FusedMultiplyAdd(v, T.Load(ref row7, k, unused), a7);
                if (((k * T.Bits / 8) & (CacheLine - 1)) == 0)
                {
                    Sse.Prefetch1(ahead + (k * T.Bits / 8));
                    Sse.Prefetch1(ahead + (k * T.Bits / 8) + rowBytes);
                    Sse.Prefetch1(ahead + (k * T.Bits / 8) + (2 * rowBytes));
                    Sse.Prefetch1(ahead + (k * T.Bits / 8) + (3 * rowBytes));
                    Sse.Prefetch1(ahead + (k * T.Bits / 8) + (4 * rowBytes));
                    Sse.Prefetch1(ahead + (k * T.Bits / 8) + (5 * rowBytes));
                    Sse.Prefetch1(ahead + (k * T.Bits / 8) + (6 * rowBytes));
                    Sse.Prefetch1(ahead + (k * T.Bits / 8) + (7 * rowBytes));
                }
            }

            target = Lanes.Sum(a0);
            Unsafe.Add(ref target, 1) = Lanes.Sum(a1);
            Unsafe.Add(ref target, 2) = Lanes.Sum(a2);
            Unsafe.Add(ref target, 3) = Lanes.Sum(a3);
            Unsafe.Add(ref target, 4) = Lanes.Sum(a4);
            Unsafe.Add(ref target, 5) = Lanes.Sum(a5);
            Unsafe.Add(ref target, 6) = Lanes.Sum(a6);
            Unsafe.Add(ref target, 7) = Lanes.Sum(a7);
            target = ref Unsafe.Add(ref target, StreamRows);
            row = ref Unsafe.Add(ref row7, rowBytes);
        }

        return rows;
    }

    /// <summary>The same on AVX2: four rows, whose sums are eight registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe int Stream256<T>(ReadOnlySpan<float> token, StoredRows w, Span<float> y)
        where T : struct, IStoredElements
    {
        ref var x = ref MemoryMarshal.GetReference(token);
        ref var row = ref MemoryMarshal.GetReference(w.Elements);
        ref var target = ref MemoryMarshal.GetReference(y);
        nint columns = token.Length, rowBytes = (nint)w.RowBytes;
        var rows = w.Count / BlockRows * BlockRows;
        for (var r = 0; r < rows; r += BlockRows)
        {
            ref var row1 = ref Unsafe.Add(ref row, rowBytes);
            ref var row2 = ref Unsafe.Add(ref row1, rowBytes);
            ref var row3 = ref Unsafe.Add(ref row2, rowBytes);
            Vector256<float> a0 = default, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
            // The next four rows lie side by side. Past the last one are other weights, or nothing, which does no harm.
            var ahead = (byte*)Unsafe.AsPointer(ref row) + (BlockRows * rowBytes);
            for (nint k = 0; k < columns; k += Lanes.Count)
            {
                for (var line = 0; line < BlockRows * Lanes.Count * T.Bits / 8; line += CacheLine)
                    Sse.Prefetch1(ahead + line);
                ahead += BlockRows * Lanes.Count * T.Bits / 8;
                var (v, u) = (Vector256.LoadUnsafe(ref x, (nuint)k), Vector256.LoadUnsafe(ref x, (nuint)k + 8));
                a0 = Vector256.FusedMultiplyAdd(v, T.Load(ref row, k, 1f, out var high), a0);
                b0 = Vector256.FusedMultiplyAdd(u, high, b0);
                a1 = Vector256.FusedMultiplyAdd(v, T.Load(ref row1, k, 1f, out high), a1);
                b1 = Vector256.FusedMultiplyAdd(u, high, b1);
                a2 = Vector256.FusedMultiplyAdd(v, T.Load(ref row2, k, 1f, out high), a2);
                b2 = Vector256.FusedMultiplyAdd(u, high, b2);
                a3 = Vector256.FusedMultiplyAdd(v, T.Load(ref row3, k, 1f, out high), a3);
                b3 = Vector256.FusedMultiplyAdd(u, high, b3);
            }

            target = Lanes.Sum(a0 + b0);
            Unsafe.Add(ref target, 1) = Lanes.Sum(a1 + b1);
            Unsafe.Add(ref target, 2) = Lanes.Sum(a2 + b2);
            Unsafe.Add(ref target, 3) = Lanes.Sum(a3 + b3);
            target = ref Unsafe.Add(ref target, BlockRows);
            row = ref Unsafe.Add(ref row3, rowBytes);
        }

        return rows;
    }
}
