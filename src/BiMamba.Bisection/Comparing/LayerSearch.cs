using System.Collections.Immutable;
using BiMamba.Bisection.Running;
using BiMamba.IR;

namespace BiMamba.Bisection.Comparing;

/// <summary>A block that changes what the model computes.</summary>
/// <param name="Pair">The block before and after.</param>
/// <param name="Components">Its changed ops.</param>
/// <param name="Finding">The result for the caller.</param>
internal sealed record FoundLayer(BlockPair Pair, ImmutableArray<Component> Components, BlockFinding Finding);

/// <summary>
/// Finds the first block whose change alone moves the logits out of the tolerance: every block after the stage gets what
/// the block before it got, and the rest of the module before runs on its result.
/// </summary>
/// <param name="before">The module before the stage.</param>
/// <param name="after">The module after it.</param>
/// <param name="run">Runs modules.</param>
/// <param name="ids">Token ids.</param>
/// <param name="tolerance">Largest absolute difference of a logit.</param>
internal sealed class LayerSearch(Module before, Module after, ModuleRun run, int[] ids, double tolerance)
{
    private const double TornEffect = 10;

    private readonly OpIdentity identity = new(before, after);

    /// <summary>The block; where no single one leaves the tolerance the one with the largest part; null where none changes a logit.</summary>
    /// <param name="pairs">The blocks.</param>
    /// <param name="reference">The run before the stage, with the results of its blocks.</param>
    public FoundLayer? Find(ImmutableArray<BlockPair> pairs, Trace reference)
    {
        FoundLayer? largest = null;
        foreach (var pair in pairs.Select(ReturnMark.Apply))
        {
            var components = Components.Of(pair, identity);
            if (components.IsEmpty)
                continue;
            var input = InputOf(pair.Index, reference);
            var difference = Compare(pair, Hybrid.FromAfter(pair.After), input, reference);
            if (difference.Max > tolerance)
                return new FoundLayer(pair, components, new BlockFinding(pair.Before.Name, difference, true));
            if (difference.Max > (largest?.Finding.Logits?.Max ?? 0))
                largest = new FoundLayer(pair, components, new BlockFinding(pair.Before.Name, difference, false));
        }

        return largest;
    }

    /// <summary>The component whose change alone leaves the tolerance, else the one with the largest part, and the block with it.</summary>
    public (Component Component, Block Mixed) FindComponent(FoundLayer layer, Trace reference)
    {
        var fine = Effects(layer.Pair, Components.Of(layer.Pair, identity, isFine: true), reference);
        // Parts of a rewrite that belong together have alone an effect that the whole does not have.
        if (fine is not null && fine.TrueForAll(part => part.Effect <= TornEffect * layer.Finding.Logits!.Max))
            return First(fine);
        return Effects(layer.Pair, layer.Components, reference) is { } coarse
            ? First(coarse)
            : (Components.Merge(layer.Components, layer.Pair), Hybrid.FromAfter(layer.Pair.After));
    }

    private (Component Component, Block Mixed) First(List<(Component Component, Block Mixed, double Effect)> parts)
    {
        var first = parts.FindIndex(part => part.Effect > tolerance);
        var (component, mixed, _) = first < 0 ? parts.MaxBy(part => part.Effect) : parts[first];
        return (component, mixed);
    }

    /// <summary>What each component alone does to the logits; null where one of them cannot stand alone.</summary>
    private List<(Component Component, Block Mixed, double Effect)>? Effects(BlockPair pair, ImmutableArray<Component> components, Trace reference)
    {
        var input = InputOf(pair.Index, reference);
        var effects = new List<(Component, Block, double)>();
        foreach (var component in components)
        {
            if (component.Mix(pair) is not { } mixed)
                return null;
            effects.Add((component, mixed, Compare(pair, mixed, input, reference).Max));
        }

        return effects;
    }

    /// <summary>The values of a block that gets what the block before the stage got.</summary>
    public IReadOnlyDictionary<string, Activations> Values(BlockPair pair, Block block, Trace reference)
    {
        var input = InputOf(pair.Index, reference);
        return run.Run(Hybrid.Of(before, after, pair.Index, block, input, withRest: false), Ids(input), valuesOf: input is null ? 0 : 1).Values;
    }

    private Difference Compare(BlockPair pair, Block block, Activations? input, Trace reference) =>
        run.Compare(Hybrid.Of(before, after, pair.Index, block, input, withRest: true), Ids(input), reference.Logits);

    private int[] Ids(Activations? input) => input is null ? ids : [.. Enumerable.Range(0, input.Tokens)];

    private static Activations? InputOf(int block, Trace reference) => block == 0 ? null : reference.Blocks[block - 1];
}
