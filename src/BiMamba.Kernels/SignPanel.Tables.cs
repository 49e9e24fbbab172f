using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <content>
/// The tables of partial sums over one span of columns. For AVX-512 a table has 32 entries, the sums with the sixth sign
/// +; entry n belongs to signs whose neighbours differ where n has bits. Otherwise it is two halves of 8 entries, one
/// for each three columns, entry n with + where n has bits.
/// </content>
public static partial class SignPanel
{
    private const int HalfEntries = 8;
    private const int NarrowEntries = 2 * HalfEntries;
    private const int GatheredLength = SpanColumns + GroupColumns;

    private static void BuildTables(Rows x, ReadOnlySpan<float> scale, int column, int tokens, Span<float> tables)
    {
        Span<float> values = stackalloc float[GatheredLength];
        for (var t = 0; t < tokens; t++)
        {
            if (t < x.Count)
                Gather(x[t], scale, column, values);
            else
                values.Clear();
            if (Avx512F.IsSupported)
                BuildWide(values, tables[(t * WideEntries)..], tokens * WideEntries);
            else
                BuildNarrow(values, tables[(t * NarrowEntries)..], tokens * NarrowEntries);
        }
    }

    /// <summary>The columns of a span, scaled, and behind them once more its last group; 0 behind the last column.</summary>
    private static void Gather(ReadOnlySpan<float> x, ReadOnlySpan<float> scale, int column, Span<float> values)
    {
        var count = Math.Min(SpanColumns, x.Length - column);
        if (count == SpanColumns && !scale.IsEmpty)
            GatherWhole(ref Unsafe.Add(ref MemoryMarshal.GetReference(x), column), ref Unsafe.Add(ref MemoryMarshal.GetReference(scale), column), ref values[0]);
        else if (scale.IsEmpty)
            x.Slice(column, count).CopyTo(values);
        else
            Elementwise.Multiply(x.Slice(column, count), scale.Slice(column, count), values[..count]);
        values[count..].Clear();
        for (var word = 0; word < SpanTiles; word++)
        {
            var rest = (word * SignTiles.TileColumns) + (WordGroups * GroupColumns);
            for (var i = 0; i < RestColumns; i++)
                values[SpanColumns + (word * RestColumns) + i] = values[rest + i];
        }
    }

    private static void GatherWhole(ref float x, ref float scale, ref float values)
    {
        for (nint i = 0; i < SpanColumns; i += Lanes.Count)
            Lanes.Store(Lanes.Load(ref x, i) * Lanes.Load(ref scale, i), ref values, i);
    }

    /// <summary>Where the values of a group begin among those of <see cref="Gather"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int First(int group) =>
        group < SpanTiles * WordGroups ? (group * GroupColumns) + (group / WordGroups * RestColumns) : SpanColumns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BuildWide(ReadOnlySpan<float> values, Span<float> tables, nint stride)
    {
        ref var table = ref MemoryMarshal.GetReference(tables);
        // Entry n below 16 has the fifth sign +. Signs alternate downwards from there wherever n has a bit; multiplying
        // by one is exact, so the multiply-adds round as additions do.
        var n = Vector512<int>.Indices;
        var sign3 = Alternate(Vector512.Create(1f), n, 3);
        var sign2 = Alternate(sign3, n, 2);
        var sign1 = Alternate(sign2, n, 1);
        var sign0 = Alternate(sign1, n, 0);
        ref var x = ref MemoryMarshal.GetReference(values);
        for (var word = 0; word <= SpanTiles; word++)
        {
            for (var group = word < SpanTiles ? WordGroups : 1; group > 0; group--)
            {
                var left = sign0 * Vector512.Create(x);
                left = Vector512.FusedMultiplyAdd(sign1, Vector512.Create(Unsafe.Add(ref x, 1)), left);
                left = Vector512.FusedMultiplyAdd(sign2, Vector512.Create(Unsafe.Add(ref x, 2)), left);
                var pair = Vector512.FusedMultiplyAdd(sign3, Vector512.Create(Unsafe.Add(ref x, 3)), Vector512.Create(Unsafe.Add(ref x, 4)));
                var last = Vector512.Create(Unsafe.Add(ref x, 5));
                Lanes.Store(left + (pair + last), ref table, 0);
                // From 16 on the first five signs are turned.
                Lanes.Store((last - pair) - left, ref table, SignTiles.TileRows);
                x = ref Unsafe.Add(ref x, GroupColumns);
                table = ref Unsafe.Add(ref table, stride);
            }

            x = ref Unsafe.Add(ref x, RestColumns);
        }
    }

    /// <summary>The sign turned in the lanes whose index has a bit.</summary>
    private static Vector512<float> Alternate(Vector512<float> sign, Vector512<int> n, int bit) =>
        (sign.AsInt32() ^ (Vector512.ShiftLeft(n, 31 - bit) & Vector512.Create(int.MinValue))).AsSingle();

    private static void BuildNarrow(ReadOnlySpan<float> values, Span<float> tables, int stride)
    {
        for (var group = 0; group < Groups; group++)
        {
            var x = values.Slice(First(group), GroupColumns);
            var table = tables.Slice(group * stride, NarrowEntries);
            for (var n = 0; n < HalfEntries; n++)
            {
                table[n] = TripleSum(x, n);
                table[HalfEntries + n] = TripleSum(x[(GroupColumns / 2)..], n);
            }
        }
    }

    private static float PartialSum(ReadOnlySpan<float> x, int bits) => TripleSum(x, bits) + TripleSum(x[(GroupColumns / 2)..], bits >> 3);

    private static float TripleSum(ReadOnlySpan<float> x, int bits)
    {
        var sum = (bits & 1) != 0 ? x[0] : -x[0];
        sum += (bits & 2) != 0 ? x[1] : -x[1];
        return sum + ((bits & 4) != 0 ? x[2] : -x[2]);
    }
}
