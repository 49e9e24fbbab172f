using BiMamba.Kernels;

namespace BiMamba.Passes.Gptq;

/// <summary>
/// Cholesky's factor L of a symmetric matrix A = L L^T, and its inverse, in fp64 and in place: L below the diagonal, the
/// transpose of its inverse above.
/// </summary>
/// <remarks>
/// Blocks of rows run in parallel, each computed as it would be alone; every sum over earlier columns is one product of
/// rows by <see cref="DoubleProduct"/>, so the bits do not depend on threads.
/// </remarks>
internal sealed class TriangularInverse
{
    private const int Block = 48;

    // A pivot below this part of its diagonal element is rounding of the input, not curvature: 2^-40.
    private const double LeastPivot = 1.0 / (1L << 40);

    private readonly double[] values;
    private readonly double[] inverseDiagonal;
    private readonly double[] diagonal;
    private readonly int stride;

    public TriangularInverse(int size, ParallelOptions options)
    {
        Size = size;
        Options = options;

        // An odd number of cache lines a row: rows do not fall into the same few cache sets.
        stride = ((size + 15) / 16 * 16) + 8;
        values = new double[(long)size * stride];
        inverseDiagonal = new double[size];
        diagonal = new double[size];
    }

    public int Size { get; }

    public ParallelOptions Options { get; }

    /// <summary>A row, whose elements up to the diagonal are set before <see cref="TryInvert"/>.</summary>
    public Span<double> Row(int row) => values.AsSpan(row * stride, Size);

    /// <summary>An element of the inverse of L, row not less than column.</summary>
    public double Inverse(int row, int column) => row == column ? inverseDiagonal[row] : values[(column * stride) + row];

    /// <summary>Factors and inverts; false where the matrix is not positive definite.</summary>
    /// <param name="position">The place of the failure, counted from the end of the matrix.</param>
    public bool TryInvert(out int position)
    {
        for (var i = 0; i < Size; i++)
            diagonal[i] = values[(i * stride) + i];
        for (var first = 0; first < Size; first += Block)
        {
            var end = Math.Min(first + Block, Size);
            Subtract(first, end, first, end);
            if (!FactorDiagonal(first, end, out var failed))
            {
                position = Size - 1 - failed;
                return false;
            }

            Parallel.For(0, Blocks(Size - end), Options, i => FactorBelow(end + (i * Block), first, end));
        }

        Parallel.For(0, Blocks(Size), Options, block => InvertColumns(block * Block));
        position = -1;
        return true;
    }

    private static int Blocks(int count) => (count + Block - 1) / Block;

    /// <summary>A[i, j] -= sum over k before first of L[i, k] L[j, k], for rows of a block and columns first to end.</summary>
    private void Subtract(int row, int rowEnd, int first, int end)
    {
        if (first == 0)
            return;
        Span<double> sums = stackalloc double[Block * Block];
        DoubleProduct.Multiply(
            values.AsSpan(row * stride), rowEnd - row, stride, values.AsSpan(first * stride), end - first, stride, first, sums, Block);
        for (var i = row; i < rowEnd; i++)
        {
            var target = Row(i);
            for (var j = first; j < Math.Min(end, i + 1); j++)
                target[j] -= sums[((i - row) * Block) + j - first];
        }
    }

    private bool FactorDiagonal(int first, int end, out int failed)
    {
        for (failed = first; failed < end; failed++)
        {
            var row = Row(failed);
            SolveRow(row, first, failed);
            var pivot = row[failed];
            for (var k = first; k < failed; k++)
                pivot -= row[k] * row[k];
            if (!(pivot > LeastPivot * diagonal[failed]) || !double.IsFinite(pivot))
                return false;
            row[failed] = Math.Sqrt(pivot);
            inverseDiagonal[failed] = 1 / row[failed];
        }

        return true;
    }

    private void FactorBelow(int row, int first, int end)
    {
        var rowEnd = Math.Min(row + Block, Size);
        Subtract(row, rowEnd, first, end);
        for (var i = row; i < rowEnd; i++)
            SolveRow(Row(i), first, end);
    }

    /// <summary>The elements first to end of a row of L, against the factored rows of the same columns.</summary>
    private void SolveRow(Span<double> row, int first, int end)
    {
        for (var j = first; j < end; j++)
        {
            var sum = row[j];
            var other = Row(j);
            for (var k = first; k < j; k++)
                sum -= row[k] * other[k];
            row[j] = sum * inverseDiagonal[j];
        }
    }

    /// <summary>The columns first to first + Block of the inverse, as rows above the diagonal, from the diagonal on.</summary>
    private void InvertColumns(int first)
    {
        var end = Math.Min(first + Block, Size);
        var count = end - first;

        // The triangle on the diagonal with its zeros, because L stands in their place.
        Span<double> corner = stackalloc double[Block * Block];
        corner.Clear();
        for (var j = 0; j < count; j++)
        {
            corner[(j * Block) + j] = inverseDiagonal[first + j];
            SolveInverse(corner[(j * Block)..], j + 1, count, first, default);
            corner.Slice((j * Block) + j + 1, count - j - 1).CopyTo(Row(first + j)[(first + j + 1)..]);
        }

        Span<double> sums = stackalloc double[2 * Block * Block];
        var late = sums[(Block * Block)..];
        for (var row = end; row < Size; row += Block)
        {
            var height = Math.Min(Block, Size - row);
            DoubleProduct.Multiply(corner, count, Block, values.AsSpan((row * stride) + first), height, stride, count, sums, Block);
            DoubleProduct.Multiply(
                values.AsSpan((first * stride) + end), count, stride, values.AsSpan((row * stride) + end), height, stride, row - end, late, Block);
            for (var i = 0; i < count * Block; i++)
                sums[i] += late[i];
            for (var j = 0; j < count; j++)
                SolveInverse(Row(first + j).Slice(row, height), 0, height, row, sums.Slice(j * Block, height));
        }
    }

    /// <summary>
    /// Elements of a column of the inverse: x[i] = -(sums[i] + sum over k before i of L[i, k] x[k]) / L[i, i], both from
    /// row <paramref name="offset"/> of L on.
    /// </summary>
    private void SolveInverse(Span<double> x, int begin, int end, int offset, ReadOnlySpan<double> sums)
    {
        for (var i = begin; i < end; i++)
        {
            var sum = sums.IsEmpty ? 0 : sums[i];
            var factor = Row(offset + i).Slice(offset, i);
            for (var k = 0; k < factor.Length; k++)
                sum += factor[k] * x[k];
            x[i] = -sum * inverseDiagonal[offset + i];
        }
    }
}
