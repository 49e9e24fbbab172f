using System.Collections.Immutable;
using BiMamba.Bisection.Comparing;
using BiMamba.Bisection.Reproducing;
using BiMamba.Bisection.Running;
using BiMamba.IR;

namespace BiMamba.Bisection;

/// <summary>Looks into one stage: its layer, its tensor and a reproducer.</summary>
/// <param name="request">What is bisected.</param>
/// <param name="index">Index of the stage.</param>
/// <param name="before">The module before the stage.</param>
/// <param name="after">The module after it.</param>
/// <param name="logits">Logits of the module before the stage.</param>
/// <param name="run">Runs modules.</param>
/// <param name="replay">Runs stages.</param>
internal sealed class CulpritSearch(BisectionRequest request, int index, Module before, Module after, Activations logits, ModuleRun run, StageReplay replay)
{
    /// <summary>The culprit where the module after the stage runs and its logits leave the tolerance.</summary>
    /// <param name="isSudden">True where the stage leaves the tolerance by itself.</param>
    public Culprit Find(bool isSudden)
    {
        var culprit = new Culprit(index, isSudden, null, null, null);
        if (BlockAlignment.Pairs(before, after) is not { } pairs)
            return culprit;
        var reference = run.Reference(before, request.Ids, logits);
        var search = new LayerSearch(before, after, run, request.Ids, request.Tolerance);
        if (search.Find(pairs, reference) is not { } layer)
            return culprit;
        var (component, mixed) = search.FindComponent(layer, reference);
        var expected = search.Values(layer.Pair, layer.Pair.Before, reference);
        var found = search.Values(layer.Pair, mixed, reference);
        var tensor = new TensorSearch(before, after).FindValue(layer.Pair, component, expected, found, block => search.Values(layer.Pair, block, reference));
        culprit = culprit with { Block = layer.Finding, Tensor = tensor };
        return tensor?.Difference is { } difference ? culprit with { Reproducer = Reproduce(pairs, layer.Pair, component, tensor.Value, difference, expected) } : culprit;
    }

    /// <summary>The culprit where the verifier refuses the module after the stage.</summary>
    public Culprit FindBroken()
    {
        var culprit = new Culprit(index, true, null, null, null);
        if (BlockAlignment.Pairs(before, after) is not { } pairs || new BrokenModule(before, after).Find(pairs) is not { } broken)
            return culprit;
        var reference = run.Reference(before, request.Ids, logits);
        var expected = new LayerSearch(before, before, run, request.Ids, request.Tolerance).Values(broken.Pair, broken.Pair.Before, reference);
        return culprit with
        {
            Block = new BlockFinding(broken.Pair.Before.Name, null, true),
            Tensor = broken.Tensor,
            Reproducer = Reproduce(pairs, broken.Pair, broken.Component, broken.Tensor.Value, null, expected),
        };
    }

    /// <summary>A module of the component; where that does not show the fault, of the whole block.</summary>
    private BisectionReproducer? Reproduce(ImmutableArray<BlockPair> pairs, BlockPair pair, Component component, string value, Difference? difference, IReadOnlyDictionary<string, Activations> recorded)
    {
        // A value inside the model may move less than the logits that it leads to.
        var tolerance = difference is null || difference.Max > 2 * request.Tolerance ? request.Tolerance : difference.Max / 2;
        var (token, feature) = difference is null ? (0, 0) : (difference.Token, difference.Feature);
        var part = new Specimen(before, after, pair.Before, component.Before, value, feature, token, recorded, request.Ids);
        var ladder = new List<(Specimen Specimen, string Scope)> { (part with { Ops = pair.Before.Body }, $"all ops of @{pair.Before.Name}") };
        if (component.Before.SelectMany(op => op.Results).Any(result => result.Name == value))
        {
            if (OtherLayer.AddTo(part, pairs, pair, component) is { } both)
                ladder.Insert(0, (both, $"the changed ops of @{pair.Before.Name} and their like in another layer"));
            ladder.Insert(0, (part with { Ops = WithInputs(pair.Before, component.Before) }, $"the changed ops of @{pair.Before.Name} and those that they read"));
            ladder.Insert(0, (part, $"the changed ops of @{pair.Before.Name}"));
        }

        var stage = request.Pipeline.Stages[index];
        return ladder.Select(rung => new ReproducerSearch(rung.Specimen, stage, tolerance, difference is null, replay, run).Find(rung.Scope)).FirstOrDefault(found => found is not null);
    }

    /// <summary>Some ops and those that define what they read.</summary>
    private static ImmutableArray<Op> WithInputs(Block block, ImmutableArray<Op> ops)
    {
        var read = ops.SelectMany(op => op.Operands).Where(operand => !operand.IsResource).Select(operand => operand.Name).ToHashSet(StringComparer.Ordinal);
        return [.. block.Body.Where(op => ops.Contains(op) || op.Results.Any(value => read.Contains(value.Name)))];
    }
}
