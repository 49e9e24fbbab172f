namespace BiMamba.Passes.Gptq;

/// <summary>The part of the factor that one block of columns needs, laid out for it, and the groups of its columns.</summary>
internal sealed class GptqBlock
{
    private const int Lanes = 8;

    public GptqBlock(HessianFactor factor, int first, int count, GptqSettings settings)
    {
        (First, Count) = (first, count);
        Width = (count + Lanes - 1) / Lanes * Lanes;
        Inside = new float[count * Width];
        Diagonal = new float[count];
        Groups = new int[count];
        var columns = factor.Size;
        var later = columns - first - count;
        Behind = new float[later * count];
        for (var i = 0; i < count; i++)
        {
            var row = factor.U.AsSpan((first + i) * columns, columns);
            Diagonal[i] = row[first + i];
            row.Slice(first + i + 1, count - i - 1).CopyTo(Inside.AsSpan((i * Width) + i + 1));
            Groups[i] = GroupOf(factor, first + i, settings);
            for (var j = 0; j < later; j++)
                Behind[(j * count) + i] = row[first + count + j];
        }
    }

    /// <summary>The position of the first column.</summary>
    public int First { get; }

    /// <summary>The number of columns.</summary>
    public int Count { get; }

    /// <summary><see cref="Count"/>, made a multiple of 8.</summary>
    public int Width { get; }

    /// <summary>U among the columns of the block, [count, width], zeros on and below the diagonal and in the padding.</summary>
    public float[] Inside { get; }

    /// <summary>The diagonal of U.</summary>
    public float[] Diagonal { get; }

    /// <summary>U from the block to the columns behind it, transposed: [columns behind, count].</summary>
    public float[] Behind { get; }

    /// <summary>The group of each column.</summary>
    public int[] Groups { get; }

    private static int GroupOf(HessianFactor factor, int position, GptqSettings settings)
    {
        if (settings.Group == 0)
            return 0;
        return (settings.StaticGroups && factor.Order is not null ? factor.Order[position] : position) / settings.Group;
    }
}
