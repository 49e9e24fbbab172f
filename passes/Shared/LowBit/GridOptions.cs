using System.Collections.Immutable;
using BiMamba.Passes.Shared.Coding;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>The options of passes that code weights on uniform grids. Their defaults are those of GPTQ (arXiv 2210.17323): asymmetric, a grid a row.</summary>
public static class GridOptions
{
    /// <summary>Name of the option of the columns of a group.</summary>
    public const string Group = "group";

    /// <summary>Name of the option of the bits of a code.</summary>
    public const string Bits = "bits";

    private const string Symmetric = "sym";
    private const string Mse = "mse";

    /// <summary>The options.</summary>
    /// <param name="leastBits">The fewest bits.</param>
    public static ImmutableArray<PassOption> All(int leastBits) =>
    [
        new(Bits, new OptionValue.Int(4), "bits of a code") { Min = leastBits, Max = 8 },
        new(Symmetric, new OptionValue.Bool(false), "true for grids symmetric about 0, which store no zeros"),
        new(Group, new OptionValue.Int(0), "columns of a row that share a grid; 0 for the whole row") { Min = 0, Max = 1 << 20 },
        new(Mse, new OptionValue.Bool(false), "true to search the range of each grid for the least error"),
    ];

    /// <summary>How the levels of a stage are chosen.</summary>
    /// <param name="options">Options of the stage.</param>
    /// <param name="asPublished">True for symmetric grids with the fault of the published code.</param>
    public static GridSettings Grid(PassOptions options, bool asPublished = false) =>
        new(options.Int(Bits), options.Bool(Symmetric), options.Bool(Mse), BothSides: !asPublished);
}
