using System.Collections.Immutable;
using BiMamba.Bisection.Running;
using BiMamba.IR;

namespace BiMamba.Bisection.Comparing;

/// <summary>Names the value of a component that is wrong first, and the weights that can be the cause.</summary>
/// <param name="before">The module before the stage.</param>
/// <param name="after">The module after it.</param>
internal sealed class TensorSearch(Module before, Module after)
{
    /// <summary>A value counts as wrong from this part of the largest difference on.</summary>
    private const double Noticeable = 0.01;

    private readonly Suspects suspects = new(before, after);

    /// <summary>The first visible value whose type differs, or null.</summary>
    public TensorFinding? FindType(BlockPair pair, Component component) => component.Visible(pair)
        .Where(value => !value.Before.Type.Equals(value.After.Type))
        .Select(value => Finding(component, value.Before, value.After, null, [], (_, _) => 0))
        .FirstOrDefault();

    /// <summary>The first visible value whose numbers differ; null where none does.</summary>
    /// <param name="pair">The block.</param>
    /// <param name="component">The changed ops.</param>
    /// <param name="expected">Values of the block before.</param>
    /// <param name="found">Values of the block with the component exchanged, from the same input.</param>
    /// <param name="run">Gives the values of another block from the same input.</param>
    public TensorFinding? FindValue(
        BlockPair pair, Component component, IReadOnlyDictionary<string, Activations> expected, IReadOnlyDictionary<string, Activations> found, Func<Block, IReadOnlyDictionary<string, Activations>> run)
    {
        var differences = component.Visible(pair).Select(value => (value.Before, value.After, Difference: Difference.Of(expected[value.Before.Name], found[value.After.Name]))).ToList();
        var largest = differences.Select(value => value.Difference.Max).DefaultIfEmpty().Max();
        if (largest == 0)
            return null;
        var first = differences.Find(value => value.Difference.Max >= largest * Noticeable);
        var deviations = Deviations(expected[first.Before.Name], found[first.Before.Name], first.Difference);
        return Finding(component, first.Before, first.After, first.Difference, deviations, Effect);

        double Effect(Op old, Op exchanged)
        {
            var block = pair.Before with { Body = pair.Before.Body.Replace(old, exchanged) };
            return Difference.Of(expected[first.Before.Name], run(block)[first.Before.Name]).Max;
        }
    }

    private TensorFinding Finding(Component component, Value left, Value right, Difference? difference, double[] deviations, Func<Op, Op, double> effect)
    {
        var spread = Spread.Of(deviations);
        return new TensorFinding(
            left.Name,
            Text(component.Before, left.Name),
            Text(component.After, right.Name),
            [.. suspects.Of(component, spread, effect)],
            difference,
            spread.Count,
            left.Type.ToString(),
            right.Type.ToString());
    }

    /// <summary>Found minus expected for every feature of the worst token.</summary>
    private static double[] Deviations(Activations expected, Activations found, Difference difference)
    {
        if (expected.Width != found.Width)
            return [];
        var deviations = new double[expected.Width];
        for (var i = 0; i < deviations.Length; i++)
            deviations[i] = (double)found[difference.Token][i] - expected[difference.Token][i];
        return deviations;
    }

    private static string? Text(ImmutableArray<Op> ops, string value) =>
        ops.FirstOrDefault(op => op.Results.Any(result => result.Name == value)) is { } op ? IrPrinter.Print(op) : null;
}
