using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <content>The tables of partial sums.</content>
public static partial class SignProduct
{
    /// <summary>
    /// Writes the tables of up to <see cref="TileTokens"/> tokens over a range of column tiles: for group g and token t,
    /// entry n at ((g - first group) * tokens + t) * 16 + n is ((±x0 ± x1) ± x2) ± x3 of the group's four columns, where
    /// bit i of n set means + for x_i. Columns behind the last count as 0.
    /// </summary>
    /// <param name="x">Activations [tokens, columns].</param>
    /// <param name="firstTile">The first column tile.</param>
    /// <param name="tileCount">The number of column tiles.</param>
    /// <param name="tables">At least <see cref="TableLength"/> elements.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void BuildTables(Rows x, int firstTile, int tileCount, Span<float> tables)
    {
        Guard.Range(firstTile, tileCount, SignTiles.ColumnTiles(x.Width));
        Guard.AtLeast(tables.Length, TableLength(x.Count, tileCount));
        if (!Vector128.IsHardwareAccelerated)
        {
            BuildTablesScalar(x, firstTile, tileCount, tables);
            return;
        }

        for (var t = 0; t < x.Count; t++)
            BuildTokenTables(x[t], firstTile * GroupsPerTile, tileCount * GroupsPerTile, tables[(t * TableEntries)..], x.Count * TableEntries);
    }

    /// <summary>The scalar form of <see cref="BuildTables"/>.</summary>
    public static void BuildTablesScalar(Rows x, int firstTile, int tileCount, Span<float> tables)
    {
        Guard.Range(firstTile, tileCount, SignTiles.ColumnTiles(x.Width));
        Guard.AtLeast(tables.Length, TableLength(x.Count, tileCount));
        for (var group = 0; group < tileCount * GroupsPerTile; group++)
        {
            for (var t = 0; t < x.Count; t++)
            {
                var column = ((firstTile * GroupsPerTile) + group) * GroupColumns;
                for (var n = 0; n < TableEntries; n++)
                    tables[(((group * x.Count) + t) * TableEntries) + n] = PartialSum(x[t], column, n);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BuildTokenTables(ReadOnlySpan<float> x, int firstGroup, int groups, Span<float> tables, nint stride)
    {
        // Sign bits of entry n for each of the four columns: set where bit i of n is clear.
        var n = Vector512<int>.Indices;
        var clear0 = Vector512.ShiftLeft(~n, 31);
        var clear1 = Vector512.ShiftLeft(~n, 30) & Vector512.Create(int.MinValue);
        var clear2 = Vector512.ShiftLeft(~n, 29) & Vector512.Create(int.MinValue);
        var clear3 = Vector512.ShiftLeft(~n, 28) & Vector512.Create(int.MinValue);
        ref var table = ref MemoryMarshal.GetReference(tables);
        Span<float> padded = stackalloc float[GroupColumns];
        for (var group = 0; group < groups; group++)
        {
            var column = (firstGroup + group) * GroupColumns;
            scoped ref var four = ref Unsafe.Add(ref MemoryMarshal.GetReference(x), column);
            if (column + GroupColumns > x.Length)
            {
                padded.Clear();
                if (column < x.Length)
                    x[column..].CopyTo(padded);
                four = ref MemoryMarshal.GetReference(padded);
            }

            var sum = (Vector512.Create(four).AsInt32() ^ clear0).AsSingle();
            sum += (Vector512.Create(Unsafe.Add(ref four, 1)).AsInt32() ^ clear1).AsSingle();
            sum += (Vector512.Create(Unsafe.Add(ref four, 2)).AsInt32() ^ clear2).AsSingle();
            sum += (Vector512.Create(Unsafe.Add(ref four, 3)).AsInt32() ^ clear3).AsSingle();
            Lanes.Store(sum, ref table, group * stride);
        }
    }

    private static float PartialSum(ReadOnlySpan<float> x, int column, int nibble)
    {
        var sum = Signed(x, column, nibble & 1);
        sum += Signed(x, column + 1, nibble & 2);
        sum += Signed(x, column + 2, nibble & 4);
        return sum + Signed(x, column + 3, nibble & 8);
    }

    private static float Signed(ReadOnlySpan<float> x, int column, int bit)
    {
        var value = column < x.Length ? x[column] : 0f;
        return bit != 0 ? value : -value;
    }
}
