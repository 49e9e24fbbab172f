using BiMamba.Kernels;

namespace BiMamba.Weights;

/// <summary>Gives rows of a weight matrix as floats, whatever the weight is stored as. Safe from several threads.</summary>
public abstract class PanelSource(int rows, int columns)
{
    /// <summary>Rows of the weight.</summary>
    public int Rows => rows;

    /// <summary>Columns of the weight.</summary>
    public int Columns => columns;

    /// <summary>Some rows, row-major. The result is either the buffer, filled, or the weight itself where it lies as floats.</summary>
    public abstract ReadOnlySpan<float> Panel(int firstRow, int count, Span<float> buffer);

    /// <summary>Some rows as they are stored, where kernels can multiply them so and they lie in one piece.</summary>
    public virtual bool TryGetStored(int firstRow, int count, out StoredRows stored)
    {
        stored = default;
        return false;
    }
}
