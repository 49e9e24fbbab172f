using BiMamba.Kernels;
using BiMamba.Runtime.Threads;

namespace BiMamba.Runtime.Planes;

/// <summary>A plane of signs in {-1, 0, +1} that activations are multiplied with. Safe from several threads.</summary>
internal abstract class SignPlane(int rows, int columns)
{
    /// <summary>Rows that a piece of work begins at a multiple of.</summary>
    public const int RowGrain = SignTiles.TileRows;

    // So many rows that the tables pay, and so few that their sums stay in the second-level cache.
    private const int PanelRows = 4096;

    /// <summary>Rows of the plane.</summary>
    public int Rows => rows;

    /// <summary>Columns of the plane.</summary>
    public int Columns => columns;

    /// <summary>True where <see cref="MultiplyPanel"/> can be called.</summary>
    public abstract bool HasPanels { get; }

    /// <summary>Into how many ranges of rows <see cref="MultiplyPanel"/> had best be cut.</summary>
    public int PanelRanges => (Rows + PanelRows - 1) / PanelRows;

    /// <summary>True where the products need <see cref="SubtractAtZeros"/>, as zeros count as +1 in them.</summary>
    public abstract bool HasZeros { get; }

    /// <summary>y[t, i] = sum of S[firstRow + i, j] x[t, j] over j. All pieces of a phase have the same x.</summary>
    public abstract void Multiply(Rows x, int firstRow, MutableRows y, Scratch scratch);

    /// <summary>The same by exact sums of rounded activations, with x[t, j] scale[j] for x; scale may be null.</summary>
    public abstract void MultiplyPanel(Rows x, float[]? scale, int firstRow, MutableRows y, Scratch scratch);

    /// <summary>The same for the only token of a phase, whose pieces all have it.</summary>
    public abstract void MultiplyToken(ReadOnlySpan<float> x, float[]? scale, int firstRow, Span<float> y, Scratch scratch);

    /// <summary>y[t, i] -= sum of x[t, j] over the j with S[firstRow + i, j] = 0.</summary>
    public abstract void SubtractAtZeros(Rows x, int firstRow, MutableRows y, Scratch scratch);
}
