namespace BiMamba.Passes.Shared.Coding;

/// <summary>
/// A weight [rows, columns] as codes of a uniform grid: w = scale * (code - zero) in fp32, with a scale and a zero for
/// each row and each group of neighbouring stored columns.
/// </summary>
public sealed class CodedWeight
{
    /// <summary>Holds the arrays, without a copy.</summary>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public CodedWeight(int rows, int columns, int bits, int group, byte[] codes, float[] scale, byte[] zero, int[]? order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 8);
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        (Rows, Columns, Bits, Group) = (rows, columns, bits, group);
        (Codes, Scale, Zero, Order) = (codes, scale, zero, order);
        var scales = (long)rows * ScaleGroups;
        if (codes.Length != (long)rows * columns || scale.Length != scales || zero.Length != scales || (order is not null && order.Length != columns))
            throw new ArgumentException($"the arrays do not fit {rows} rows of {columns} columns in groups of {group}");
    }

    /// <summary>Output features.</summary>
    public int Rows { get; }

    /// <summary>Input features.</summary>
    public int Columns { get; }

    /// <summary>Bits of a code, 1 to 8.</summary>
    public int Bits { get; }

    /// <summary>Columns of a group, in stored order; 0 where a row is one group. The last group may be shorter.</summary>
    public int Group { get; }

    /// <summary>Codes [rows, columns], row-major in stored column order.</summary>
    public byte[] Codes { get; }

    /// <summary>Scales [rows, <see cref="ScaleGroups"/>].</summary>
    public float[] Scale { get; }

    /// <summary>Zeros [rows, <see cref="ScaleGroups"/>], in units of codes.</summary>
    public byte[] Zero { get; }

    /// <summary>
    /// The column that stands at each stored position, or null where columns stand in natural order. Only act-order with
    /// dynamic groups needs it: its groups are of positions.
    /// </summary>
    public int[]? Order { get; }

    /// <summary>The number of groups of a row.</summary>
    public int ScaleGroups => GroupCount(Columns, Group);

    /// <summary>The weight [rows, columns] in natural column order: scale * (code - zero), two fp32 operations.</summary>
    public float[] Dequantize()
    {
        var weight = new float[Codes.Length];
        var groups = ScaleGroups;
        var width = Group == 0 ? Columns : Group;
        for (var row = 0; row < Rows; row++)
        {
            var target = weight.AsSpan(row * Columns, Columns);
            for (var position = 0; position < Columns; position++)
            {
                var index = (row * groups) + (position / width);
                target[Order is null ? position : Order[position]] = Scale[index] * (Codes[(row * Columns) + position] - Zero[index]);
            }
        }

        return weight;
    }

    /// <summary>The number of groups in a row of <paramref name="columns"/>; a group of 0 is the whole row.</summary>
    public static int GroupCount(int columns, int group) => group == 0 ? 1 : (columns + group - 1) / group;
}
