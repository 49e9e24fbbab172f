using BiMamba.Kernels;
using BiMamba.Runtime.Threads;

namespace BiMamba.Runtime.Planes;

/// <summary>A plane of signs in {-1, 0, +1} that activations are multiplied with. Safe from several threads.</summary>
internal abstract class SignPlane(int rows, int columns)
{
    /// <summary>Rows that a piece of work begins at a multiple of.</summary>
    public const int RowGrain = SignTiles.TileRows;

    /// <summary>Rows of the plane.</summary>
    public int Rows => rows;

    /// <summary>Columns of the plane.</summary>
    public int Columns => columns;

    /// <summary>True where the fast engine has kernels for the plane: <see cref="MultiplyFixed"/>, <see cref="MultiplyFixedToken"/>.</summary>
    public abstract bool HasFixed { get; }

    /// <summary>Into how many ranges of rows <see cref="MultiplyFixed"/> had best be cut.</summary>
    public int FixedRanges => (Rows + FixedSignProduct.BestRows - 1) / FixedSignProduct.BestRows;

    /// <summary>True where the products need <see cref="SubtractAtZeros"/>, as zeros count as +1 in them.</summary>
    public abstract bool HasZeros { get; }

    /// <summary>y[t, i] = sum of S[firstRow + i, j] x[t, j] over j. All pieces of a phase have the same x.</summary>
    public abstract void Multiply(Rows x, int firstRow, MutableRows y, Scratch scratch);

    /// <summary>The same by exact sums of rounded activations, with x[t, j] scale[j] for x; scale may be null.</summary>
    public virtual void MultiplyFixed(Rows x, float[]? scale, int firstRow, MutableRows y, Scratch scratch) => throw new NotSupportedException();

    /// <summary>The same for the only token of a phase, whose pieces all have it.</summary>
    public virtual void MultiplyFixedToken(ReadOnlySpan<float> x, float[]? scale, int firstRow, Span<float> y, Scratch scratch) =>
        throw new NotSupportedException();

    /// <summary>y[t, i] -= sum of x[t, j] over the j with S[firstRow + i, j] = 0.</summary>
    public abstract void SubtractAtZeros(Rows x, int firstRow, MutableRows y, Scratch scratch);
}
