using BiMamba.Kernels;

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

    /// <summary>Scratch elements that <see cref="Multiply"/> and <see cref="SubtractAtZeros"/> need for a number of tokens.</summary>
    public abstract int ScratchLength(int tokens);

    /// <summary>y[t, i] = sum of S[firstRow + i, j] x[t, j] over j.</summary>
    public abstract void Multiply(Rows x, int firstRow, MutableRows y, Span<float> scratch);

    /// <summary>y[t, i] -= sum of x[t, j] over the j with S[firstRow + i, j] = 0.</summary>
    public abstract void SubtractAtZeros(Rows x, int firstRow, MutableRows y, Span<float> scratch);
}
