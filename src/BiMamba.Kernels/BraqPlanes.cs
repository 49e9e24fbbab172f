using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <summary>
/// Binary weights with residuals (BiLLM, Huang et al. 2024): two planes of bits, sign and region, in the tiles of
/// <see cref="SignTiles"/>, a bitmap of salient columns, and scales and means of blocks of columns.
/// </summary>
/// <remarks>
/// A row of a block has four scales (low, high, salient of first order, salient of second order) and three means (low,
/// high, salient), fp16 bits that are widened. A weight is (first + second) + mean in f32. In a salient column first is the
/// scale of first order with the sign of the sign bit, second that of second order with the sign of the region bit, 1 being
/// plus. In another column the region bit chooses high (1) or low (0), and there is no second: (±scale) + mean. Where a sign is listed as
/// zero its term is +0. So a row of a block has eight weights apart from zeros; lanes look them up by the bits of a column.
/// </remarks>
public static class BraqPlanes
{
    /// <summary>Scales of a row of a block.</summary>
    public const int Scales = 4;

    /// <summary>Means of a row of a block.</summary>
    public const int Means = 3;

    private const int Weights = 8;
    private const int SignBit = 1;
    private const int RegionBit = 2;
    private const int SalientBit = 4;

    /// <summary>The number of blocks of a row.</summary>
    public static int Blocks(int columns, int block) => QuantizedRows.Groups(columns, block);

    /// <summary>Writes the weights of consecutive rows.</summary>
    /// <param name="sign">The plane of signs, <see cref="SignTiles.ByteLength"/> bytes.</param>
    /// <param name="region">The plane of regions, as long.</param>
    /// <param name="salient">[ceil(columns / 32)]: bit j % 32 of word j / 32 is set where column j is salient.</param>
    /// <param name="scale">[rows, blocks, <see cref="Scales"/>], fp16 bits.</param>
    /// <param name="mean">[rows, blocks, <see cref="Means"/>], fp16 bits.</param>
    /// <param name="zeros">row * columns + column of the zeros of the sign plane, strictly ascending.</param>
    /// <param name="regionZeros">The same of the second order; those outside salient columns count for nothing.</param>
    /// <param name="block">The columns of a block, at least 1; the last may be short.</param>
    /// <param name="rows">The rows of the matrix.</param>
    /// <param name="columns">The columns of the matrix.</param>
    /// <param name="firstRow">The matrix row of the first row of <paramref name="panel"/>.</param>
    /// <param name="panel">[rows of the range, columns].</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Dequantize(
        ReadOnlySpan<byte> sign, ReadOnlySpan<byte> region, ReadOnlySpan<uint> salient, ReadOnlySpan<ushort> scale, ReadOnlySpan<ushort> mean,
        ReadOnlySpan<uint> zeros, ReadOnlySpan<uint> regionZeros, int block, int rows, int columns, int firstRow, MutableRows panel)
    {
        Check(sign.Length, region.Length, salient.Length, scale.Length, mean.Length, block, rows, columns, firstRow, panel);
        var planes = new Planes(sign, region, salient, columns);
        var blocks = Blocks(columns, block);
        Span<float> weights = stackalloc float[Weights];
        for (var row = 0; row < panel.Count;)
        {
            // Tiles of a row block are read once for all of its rows.
            var end = Math.Min(panel.Count, row + SignTiles.TileRows - ((firstRow + row) % SignTiles.TileRows));
            for (var b = 0; b < blocks; b++)
            {
                for (var r = row; r < end; r++)
                {
                    var index = ((firstRow + r) * blocks) + b;
                    Tabulate(scale.Slice(index * Scales, Scales), mean.Slice(index * Means, Means), weights);
                    Look(planes, weights, firstRow + r, b * block, Math.Min(columns, (b + 1) * block), panel[r]);
                }
            }

            row = end;
        }

        Correct(planes, scale, mean, zeros, regionZeros, block, firstRow, panel);
    }

    /// <summary>The scalar form of <see cref="Dequantize"/>, equal to it in every bit.</summary>
    public static void DequantizeScalar(
        ReadOnlySpan<byte> sign, ReadOnlySpan<byte> region, ReadOnlySpan<uint> salient, ReadOnlySpan<ushort> scale, ReadOnlySpan<ushort> mean,
        ReadOnlySpan<uint> zeros, ReadOnlySpan<uint> regionZeros, int block, int rows, int columns, int firstRow, MutableRows panel)
    {
        Check(sign.Length, region.Length, salient.Length, scale.Length, mean.Length, block, rows, columns, firstRow, panel);
        var planes = new Planes(sign, region, salient, columns);
        for (var r = 0; r < panel.Count; r++)
        {
            for (var column = 0; column < columns; column++)
            {
                var index = ((firstRow + r) * Blocks(columns, block)) + (column / block);
                var place = (uint)(((firstRow + r) * (long)columns) + column);
                panel[r][column] = Weight(
                    scale.Slice(index * Scales, Scales), mean.Slice(index * Means, Means), planes.Bits(firstRow + r, column),
                    zeros.BinarySearch(place) >= 0, regionZeros.BinarySearch(place) >= 0);
            }
        }
    }

    private static void Check(
        int sign, int region, int salient, int scale, int mean, int block, int rows, int columns, int firstRow, MutableRows panel)
    {
        Guard.AtLeast(block, 1);
        Guard.Equal(sign, SignTiles.ByteLength(rows, columns));
        Guard.Equal(region, sign);
        Guard.Equal(salient, SignTiles.ColumnTiles(columns));
        Guard.Equal(scale, (long)rows * Blocks(columns, block) * Scales);
        Guard.Equal(mean, (long)rows * Blocks(columns, block) * Means);
        CodePlanes.CheckPanel(rows, columns, firstRow, panel);
    }

    /// <summary>One weight by the definition.</summary>
    private static float Weight(ReadOnlySpan<ushort> scale, ReadOnlySpan<ushort> mean, int bits, bool isZero, bool isRegionZero)
    {
        var (isPlus, isHigh) = ((bits & SignBit) != 0, (bits & RegionBit) != 0);
        if ((bits & SalientBit) != 0)
            return (Term(scale[2], isPlus, isZero) + Term(scale[3], isHigh, isRegionZero)) + Widen(mean[2]);
        return Term(scale[isHigh ? 1 : 0], isPlus, isZero) + Widen(mean[isHigh ? 1 : 0]);
    }

    private static float Term(ushort scale, bool isPlus, bool isZero) => isZero ? 0f : isPlus ? Widen(scale) : -Widen(scale);

    private static float Widen(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    /// <summary>The eight weights of a row of a block: entry n for the bits n of a column.</summary>
    private static void Tabulate(ReadOnlySpan<ushort> scale, ReadOnlySpan<ushort> mean, Span<float> weights)
    {
        var (low, high, first, second) = (Widen(scale[0]), Widen(scale[1]), Widen(scale[2]), Widen(scale[3]));
        var (meanLow, meanHigh, meanSalient) = (Widen(mean[0]), Widen(mean[1]), Widen(mean[2]));
        weights[0] = -low + meanLow;
        weights[SignBit] = low + meanLow;
        weights[RegionBit] = -high + meanHigh;
        weights[RegionBit | SignBit] = high + meanHigh;
        weights[SalientBit] = (-first - second) + meanSalient;
        weights[SalientBit | SignBit] = (first - second) + meanSalient;
        weights[SalientBit | RegionBit] = (-first + second) + meanSalient;
        weights[SalientBit | RegionBit | SignBit] = (first + second) + meanSalient;
    }

    /// <summary>The weights of columns of one block of one row, whole words by vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Look(Planes planes, ReadOnlySpan<float> weights, int row, int column, int end, Span<float> target)
    {
        var table = Vector256.Create(weights);
        var (one, two, four) = (Vector256.Create((byte)SignBit), Vector256.Create((byte)RegionBit), Vector256.Create((byte)SalientBit));
        while (column < end)
        {
            if (!Avx2.IsSupported || column % SignTiles.TileColumns != 0 || end - column < SignTiles.TileColumns)
            {
                target[column] = weights[planes.Bits(row, column)];
                column++;
                continue;
            }

            var (sign, region, salient) = planes.Words(row, column);
            var entries = (CodePlanes.Spread(sign) & one) | (CodePlanes.Spread(region) & two) | (CodePlanes.Spread(salient) & four);
            var (low, high) = (entries.GetLower().AsUInt64(), entries.GetUpper().AsUInt64());
            ref var first = ref MemoryMarshal.GetReference(target[column..]);
            Avx2.PermuteVar8x32(table, CodePlanes.Widen(low.ToScalar())).StoreUnsafe(ref first);
            Avx2.PermuteVar8x32(table, CodePlanes.Widen(low.GetElement(1))).StoreUnsafe(ref first, 8);
            Avx2.PermuteVar8x32(table, CodePlanes.Widen(high.ToScalar())).StoreUnsafe(ref first, 16);
            Avx2.PermuteVar8x32(table, CodePlanes.Widen(high.GetElement(1))).StoreUnsafe(ref first, 24);
            column += SignTiles.TileColumns;
        }
    }

    /// <summary>Writes the weights of both lists again, each by what both say of it.</summary>
    private static void Correct(
        Planes planes, ReadOnlySpan<ushort> scale, ReadOnlySpan<ushort> mean, ReadOnlySpan<uint> zeros, ReadOnlySpan<uint> regionZeros, int block,
        int firstRow, MutableRows panel)
    {
        var columns = (ulong)panel.Width;
        var begin = (ulong)firstRow * columns;
        var end = begin + ((ulong)panel.Count * columns);
        var (i, j) = (ZeroList.LowerBound(zeros, begin), ZeroList.LowerBound(regionZeros, begin));
        while (true)
        {
            var (one, two) = (i < zeros.Length ? zeros[i] : ulong.MaxValue, j < regionZeros.Length ? regionZeros[j] : ulong.MaxValue);
            var place = Math.Min(one, two);
            if (place >= end)
                return;
            i += one == place ? 1 : 0;
            j += two == place ? 1 : 0;
            var (row, column) = ((int)(place / columns), (int)(place % columns));
            var index = (row * Blocks(panel.Width, block)) + (column / block);
            panel[row - firstRow][column] = Weight(
                scale.Slice(index * Scales, Scales), mean.Slice(index * Means, Means), planes.Bits(row, column), one == place, two == place);
        }
    }

    /// <summary>Where the bits of a column come from.</summary>
    private readonly ref struct Planes(ReadOnlySpan<byte> sign, ReadOnlySpan<byte> region, ReadOnlySpan<uint> salient, int columns)
    {
        private readonly ReadOnlySpan<byte> _sign = sign;
        private readonly ReadOnlySpan<byte> _region = region;
        private readonly ReadOnlySpan<uint> _salient = salient;
        private readonly int _columnTiles = SignTiles.ColumnTiles(columns);

        /// <summary>The words that hold a column.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (uint Sign, uint Region, uint Salient) Words(int row, int column)
        {
            var (tile, inBlock) = (column / SignTiles.TileColumns, row % SignTiles.TileRows);
            var at = (row / SignTiles.TileRows * _columnTiles) + tile;
            return (SignTiles.Word(_sign, at, inBlock), SignTiles.Word(_region, at, inBlock), _salient[tile]);
        }

        /// <summary>The bits of a column: which of the eight weights it is.</summary>
        public int Bits(int row, int column)
        {
            var (sign, region, salient) = Words(row, column);
            var shift = column % SignTiles.TileColumns;
            return (int)((sign >> shift & 1) | ((region >> shift & 1) << 1) | ((salient >> shift & 1) << 2));
        }
    }
}
