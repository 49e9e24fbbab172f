using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Bisection.Reproducing;

/// <summary>Ops and weights cut down to a choice of channels.</summary>
/// <param name="specimen">What is cut.</param>
/// <param name="map">Which channels belong together.</param>
/// <param name="sets">The choice, complete.</param>
/// <param name="rows">The rows of embeddings that are kept, or null for all.</param>
internal sealed class SliceBuilder(Specimen specimen, ChannelMap map, HashSet<int> sets, int[]? rows)
{
    private readonly SortedDictionary<string, Resource> resources = new(StringComparer.Ordinal);

    /// <summary>The weights of the ops that were cut.</summary>
    public IEnumerable<Resource> Resources => resources.Values;

    /// <summary>The features of a value that are kept.</summary>
    public int[] Kept(string value) => map.Kept(value, sets);

    /// <summary>An op cut down; its weights are added to <see cref="Resources"/>.</summary>
    public Op Cut(Op op)
    {
        foreach (var operand in op.Operands.Where(operand => operand.IsResource))
            resources[operand.Name] = Cut(op, operand);
        var cut = op with { Results = [.. op.Results.Select(value => value with { Type = IR.ValueType.Features(Kept(value.Name).Length) })] };
        return op.Code switch
        {
            OpCode.Split => cut.With(Attributes.Sizes, new AttributeValue.Ints([.. cut.Results.Select(value => value.Type.Width)])),
            OpCode.SsdScan => cut.With(Attributes.Heads, new AttributeValue.Int(Kept(op.Get("dt")).Length)),
            OpCode.GatedRmsNorm when op.Int(Attributes.NormGroupSize) == op.Result.Type.Width => cut.With(Attributes.NormGroupSize, new AttributeValue.Int(cut.Result.Type.Width)),
            _ => cut,
        };
    }

    private Resource Cut(Op op, Operand operand)
    {
        var weight = specimen.Before.Resources[operand.Name];
        var axes = map.Kept(weight, sets);
        if (op.Code == OpCode.Embedding)
            axes[0] = rows;
        if (operand.Role != "zeros" || weight.Encoding != Encoding.U32)
            return ResourceSlicer.Slice(weight, axes);
        var plane = specimen.Before.Resources[op.Get("sign")];
        var cut = map.Kept(plane, sets);
        return ResourceSlicer.SliceZeros(weight, plane.Shape, cut[0], cut[1]);
    }
}
