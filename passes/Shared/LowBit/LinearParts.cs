using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>The linears of one kind, or one segment of them, over all blocks.</summary>
/// <param name="Name">The pattern that names it in <c>tensors</c>, <c>keep</c> and <c>rules</c>: <c>in_proj[dt]</c>, <c>out_proj</c>.</param>
/// <param name="Weights">Weights over all blocks.</param>
/// <param name="Bytes">Their bytes as they are stored.</param>
public sealed record LinearPart(string Name, long Weights, long Bytes);

/// <summary>Cuts the projections that low-bit passes rewrite by default into parts whose precision can be chosen one by one.</summary>
public static class LinearParts
{
    private static readonly ImmutableArray<string> Projections = ["in_proj", "out_proj"];

    /// <summary>
    /// The parts in the order in which blocks have them; empty where no dense linear is a projection. A projection is one part where
    /// some of its rows have no name, in any block: a pattern could not name them without the others.
    /// </summary>
    public static ImmutableArray<LinearPart> Of(Module module)
    {
        var linears = module.Blocks.SelectMany(block => Linears(module, block)).ToList();
        var whole = linears.Where(linear => linear.Segments.Any(segment => segment.Name.Length == 0)).Select(linear => linear.Stem).ToHashSet(StringComparer.Ordinal);
        var pieces = linears.SelectMany(linear => whole.Contains(linear.Stem)
            ? [(Name: linear.Stem, Rows: linear.Weight.Shape[0], linear.Weight)]
            : linear.Segments.Select(segment => (Name: $"{linear.Stem}[{segment.Name}]", Rows: (long)segment.Count, linear.Weight)));
        // Groups stand in the order of their first elements.
        return [.. pieces.GroupBy(piece => piece.Name, StringComparer.Ordinal).Select(part => new LinearPart(
            part.Key, part.Sum(piece => piece.Rows * piece.Weight.Shape[1]), part.Sum(piece => piece.Weight.Data.ByteLength / piece.Weight.Shape[0] * piece.Rows)))];
    }

    private static IEnumerable<(string Stem, Resource Weight, ImmutableArray<Segment> Segments)> Linears(Module module, Block block) =>
        from op in block.Body
        where op.Code == OpCode.Linear
        let weight = module.Resources[op.Get("weight")]
        let stem = Projections.FirstOrDefault(name => weight.Name.Split('.').Contains(name, StringComparer.Ordinal))
        where stem is not null
        select (stem, weight, Segments.Of(block, op));
}
