using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// AVX2: a row block is two vectors of 8 rows; each half of a group is a table of 8 entries, one register, that a permute
/// looks up by the low 3 bits of the words. Four tokens share the words.
/// </content>
public static partial class SignPanel
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AddAvx2(ReadOnlySpan<byte> span, int tokens, ReadOnlySpan<float> tables, Span<float> sums, nint sumStride)
    {
        ref var words = ref MemoryMarshal.GetReference(span);
        ref var table = ref MemoryMarshal.GetReference(tables);
        nint stride = tokens * NarrowEntries;
        for (var t = 0; t < tokens; t += SmallTileTokens)
        {
            ref var part = ref Unsafe.Add(ref table, t * NarrowEntries);
            ref var sum = ref Unsafe.Add(ref MemoryMarshal.GetReference(sums), t * sumStride);
            for (var half = 0; half < 2; half++)
            {
                var rows = half * HalfEntries;
                AddHalf(ref Unsafe.Add(ref words, rows * sizeof(uint)), ref part, stride, ref Unsafe.Add(ref sum, rows), sumStride);
            }
        }
    }

    /// <summary>4 tokens by 8 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddHalf(ref byte words, ref float table, nint stride, ref float sums, nint sumStride)
    {
        var a = Load(ref sums, 0);
        var b = Load(ref sums, sumStride);
        var c = Load(ref sums, 2 * sumStride);
        var d = Load(ref sums, 3 * sumStride);
        var rest = Vector256<int>.Zero;
        for (var word = 0; word <= SpanTiles; word++)
        {
            var bits = rest;
            if (word < SpanTiles)
            {
                bits = Vector256.LoadUnsafe(ref words, (nuint)(word * SignTiles.TileBytes)).AsInt32();
                rest |= Vector256.ShiftLeft(Vector256.ShiftRightLogical(bits, WordGroups * GroupColumns), word * RestColumns);
            }

            for (var group = word < SpanTiles ? WordGroups : 1; group > 0; group--)
            {
                var upper = Vector256.ShiftRightLogical(bits, GroupColumns / 2);
                a += Look(ref table, 0, bits, upper);
                b += Look(ref table, NarrowEntries, bits, upper);
                c += Look(ref table, 2 * NarrowEntries, bits, upper);
                d += Look(ref table, 3 * NarrowEntries, bits, upper);
                bits = Vector256.ShiftRightLogical(upper, GroupColumns / 2);
                table = ref Unsafe.Add(ref table, stride);
            }
        }

        a.StoreUnsafe(ref sums, 0);
        b.StoreUnsafe(ref sums, (nuint)sumStride);
        c.StoreUnsafe(ref sums, (nuint)(2 * sumStride));
        d.StoreUnsafe(ref sums, (nuint)(3 * sumStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Look(ref float table, nint offset, Vector256<int> lower, Vector256<int> upper) =>
        Avx2.PermuteVar8x32(Load(ref table, offset), lower) + Avx2.PermuteVar8x32(Load(ref table, offset + HalfEntries), upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(ref float start, nint offset) => Vector256.LoadUnsafe(ref start, (nuint)offset);
}
