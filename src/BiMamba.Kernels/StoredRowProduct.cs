using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Kernels;

/// <summary>
/// The product of a few activation rows with weight rows as they lie in a file: y[t, r] = sum over k of x[t, k] * w[r, k].
/// </summary>
/// <remarks>
/// Order: that of <see cref="RowProduct"/> over the widened rows, in every bit. Elements are widened in registers, so that
/// the bytes of the weights are read once for up to 4 tokens and nothing is written but y; with more tokens each block
/// of rows is widened again from the first-level cache, and a widened panel and <see cref="RowProduct"/> are faster.
/// Blocks are 4 rows by 1 or 4 tokens on AVX-512, which fetch the next 4 rows ahead, and single rows elsewhere; one token
/// over floats takes 8 rows on AVX-512 and 4 on AVX2.
/// </remarks>
public static partial class StoredRowProduct
{
    private const int ChunkColumns = 256;

    /// <summary>Writes y[t, r] for all tokens of <paramref name="x"/> and all rows of <paramref name="w"/>.</summary>
    /// <param name="x">Activations [tokens, columns].</param>
    /// <param name="w">Weights [rows, columns].</param>
    /// <param name="y">Results [tokens, rows]; must not overlap the inputs.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void Multiply(Rows x, StoredRows w, MutableRows y)
    {
        Check(x, w, y);
        if (!Vector128.IsHardwareAccelerated)
            MultiplyScalar(x, w, y);
        else if (w.Groups > 1 && w.GroupSize % Lanes.Count != 0)
            MultiplyUnaligned(x, w, y);
        else if (x.Count > 0)
            MultiplyElements(x, w, y);
    }

    /// <summary>The scalar form of <see cref="Multiply"/>, equal to it in every bit.</summary>
    public static void MultiplyScalar(Rows x, StoredRows w, MutableRows y)
    {
        Check(x, w, y);
        Span<float> lanes = stackalloc float[Lanes.Count];
        var padded = (x.Width + Lanes.Count - 1) / Lanes.Count * Lanes.Count;
        for (var t = 0; t < x.Count; t++)
        {
            for (var r = 0; r < w.Count; r++)
            {
                lanes.Clear();
                for (var k = 0; k < padded; k++)
                {
                    ref var lane = ref lanes[k % Lanes.Count];
                    lane = k < x.Width ? MathF.FusedMultiplyAdd(x[t][k], w.Load(r, k), lane) : MathF.FusedMultiplyAdd(0f, 0f, lane);
                }

                y[t][r] = Lanes.Sum(lanes);
            }
        }
    }

    private static void Check(Rows x, StoredRows w, MutableRows y)
    {
        Guard.Equal(w.Width, x.Width);
        Guard.Equal(y.Count, x.Count);
        Guard.Equal(y.Width, w.Count);
    }

    private static void MultiplyElements(Rows x, StoredRows w, MutableRows y)
    {
        switch (w.Element)
        {
            case StoredElement.F32:
                Multiply<SingleElements>(x, w, y);
                break;
            case StoredElement.F16:
                Multiply<HalfElements>(x, w, y);
                break;
            case StoredElement.BF16:
                Multiply<BFloatElements>(x, w, y);
                break;
            case StoredElement.I8:
                Multiply<ByteElements>(x, w, y);
                break;
            default:
                Multiply<NibbleElements>(x, w, y);
                break;
        }
    }

    private static void Multiply<T>(Rows x, StoredRows w, MutableRows y)
        where T : struct, IStoredElements
    {
        var columns = x.Width - (x.Width % Lanes.Count);
        // The last elements of 4 rows and of 4 tokens, 16 each, the missing ones 0.
        Span<float> rowTails = stackalloc float[BlockRows * Lanes.Count];
        Span<float> tokenTails = stackalloc float[BlockTokens * Lanes.Count];
        rowTails.Clear();
        tokenTails.Clear();
        var step = Avx512F.IsSupported && w.Count >= BlockRows ? BlockRows : 1;
        var first = 0;
        if (Avx2.IsSupported && T.Bits > 8 && x.Count == 1 && columns == x.Width)
            first = Avx512F.IsSupported ? Stream<T>(x[0], w, y[0]) : Stream256<T>(x[0], w, y[0]);
        for (var row = first; row < w.Count; row += step)
        {
            // The last block may begin with rows that are done: they get the same bits again.
            row = Math.Min(row, w.Count - step);
            for (var i = 0; i < step && columns < x.Width; i++)
                w.WidenRow(row + i, columns, rowTails.Slice(i * Lanes.Count, x.Width - columns));
            for (var token = 0; token < x.Count; token += BlockTokens)
            {
                var tokens = Math.Min(BlockTokens, x.Count - token);
                for (var i = 0; i < tokens && columns < x.Width; i++)
                    x[token + i][columns..].CopyTo(tokenTails[(i * Lanes.Count)..]);
                var operands = new Operands(x.Slice(token, tokens), w.Slice(row, step), rowTails, tokenTails, y.Slice(token, tokens), row);
                if (step == 1)
                    Row<T>(operands);
                else if (tokens == 1)
                    Block4x1<T>(operands);
                else
                    Block4x4<T>(operands);
            }
        }
    }

    /// <summary>Rows whose groups do not consist of whole vectors are widened in pieces.</summary>
    private static void MultiplyUnaligned(Rows x, StoredRows w, MutableRows y)
    {
        Span<float> weights = stackalloc float[ChunkColumns];
        Span<float> inputs = stackalloc float[ChunkColumns];
        for (var row = 0; row < w.Count; row++)
        {
            for (var token = 0; token < x.Count; token++)
            {
                var sums = Vector512<float>.Zero;
                for (var first = 0; first < x.Width; first += ChunkColumns)
                {
                    var count = Math.Min(ChunkColumns, x.Width - first);
                    w.WidenRow(row, first, weights[..count]);
                    x[token].Slice(first, count).CopyTo(inputs);
                    weights[count..].Clear();
                    inputs[count..].Clear();
                    for (var k = 0; k < count; k += Lanes.Count)
                        sums = Vector512.FusedMultiplyAdd(Lanes.Load(ref inputs[0], k), Lanes.Load(ref weights[0], k), sums);
                }

                y[token][row] = Lanes.Sum(sums);
            }
        }
    }

    /// <summary>One row, its 16 lanes in two vectors of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(in Operands operands)
        where T : struct, IStoredElements
    {
        var w = operands.W;
        ref var row = ref MemoryMarshal.GetReference(w.Elements);
        nint columns = operands.Columns, groupSize = w.GroupSize;
        for (var t = 0; t < operands.X.Count; t++)
        {
            ref var x = ref MemoryMarshal.GetReference(operands.X[t]);
            Vector256<float> low = Vector256<float>.Zero, high = low;
            nint k = 0;
            for (var group = 0; k < columns; group++)
            {
                var scale = w.Scale(0, group);
                var end = nint.Min(columns, k + groupSize);
                for (; k < end; k += Lanes.Count)
                {
                    var first = T.Load(ref row, k, scale, out var second);
                    low = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, (nuint)k), first, low);
                    high = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, (nuint)k + 8), second, high);
                }
            }

            if (operands.HasTail)
            {
                ref var rowTail = ref MemoryMarshal.GetReference(operands.RowTails);
                ref var tokenTail = ref Unsafe.Add(ref MemoryMarshal.GetReference(operands.TokenTails), t * Lanes.Count);
                low = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref tokenTail), Vector256.LoadUnsafe(ref rowTail), low);
                high = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref tokenTail, 8), Vector256.LoadUnsafe(ref rowTail, 8), high);
            }

            operands.Y[t][operands.FirstRow] = Lanes.Sum(low + high);
        }
    }

    /// <summary>What a block multiplies, and where its results go: y[t, FirstRow + r].</summary>
    private readonly ref struct Operands(
        Rows x, StoredRows w, ReadOnlySpan<float> rowTails, ReadOnlySpan<float> tokenTails, MutableRows y, int firstRow)
    {
        public Rows X { get; } = x;

        public StoredRows W { get; } = w;

        public ReadOnlySpan<float> RowTails { get; } = rowTails;

        public ReadOnlySpan<float> TokenTails { get; } = tokenTails;

        public MutableRows Y { get; } = y;

        public int FirstRow { get; } = firstRow;

        /// <summary>The columns before the tails.</summary>
        public int Columns => X.Width - (X.Width % Lanes.Count);

        public bool HasTail => X.Width % Lanes.Count != 0;
    }
}
