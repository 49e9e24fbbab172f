using BiMamba.Kernels;

namespace BiMamba.Passes.Shared.Coding;

/// <summary>The grids of all rows and groups of a weight, filled group by group.</summary>
internal sealed class GroupGrids
{
    private readonly GridSettings settings;
    private readonly int rows;
    private readonly int groups;

    public GroupGrids(int rows, int groups, GridSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.Bits, 8);
        (this.rows, this.groups, this.settings) = (rows, groups, settings);
        Scale = new float[rows * groups];
        Zero = new byte[rows * groups];
    }

    /// <summary>Scales [rows, groups].</summary>
    public float[] Scale { get; }

    /// <summary>Zeros [rows, groups].</summary>
    public byte[] Zero { get; }

    /// <summary>The grid of a row and a group.</summary>
    public MinMaxGrid this[int row, int group]
    {
        get
        {
            var index = (row * groups) + group;
            return new MinMaxGrid(Scale[index], Zero[index], settings.MaxCode);
        }
    }

    /// <summary>Finds the grids of one group from some columns of the weight [rows, columns].</summary>
    public void Find(ReadOnlyMemory<float> weight, int columns, int firstColumn, int count, int group, ParallelOptions options)
    {
        if (settings.PerTensor)
        {
            var grid = MinMaxGrid.Find(Columns(weight.Span, 0, rows), settings);
            for (var row = 0; row < rows; row++)
                Set(row, group, grid);
            return;
        }

        Parallel.For(0, rows, options, row => Set(row, group, MinMaxGrid.Find(Columns(weight.Span, row, 1), settings)));

        Rows Columns(ReadOnlySpan<float> values, int row, int height) =>
            new(height == 0 ? default : values[((row * columns) + firstColumn)..], height, count, columns);
    }

    private void Set(int row, int group, MinMaxGrid grid)
    {
        Scale[(row * groups) + group] = grid.Scale;
        Zero[(row * groups) + group] = (byte)grid.Zero;
    }
}
