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

    /// <summary>The parts in the order in which a block has them; empty where no dense linear is a projection.</summary>
    public static ImmutableArray<LinearPart> Of(Module module)
    {
        var names = new List<string>();
        var sums = new Dictionary<string, (long Weights, long Bytes)>(StringComparer.Ordinal);
        foreach (var (name, rows, weight) in module.Blocks.SelectMany(block => Pieces(module, block)))
        {
            if (!sums.ContainsKey(name))
                names.Add(name);
            var (weights, bytes) = sums.GetValueOrDefault(name);
            sums[name] = (weights + (rows * weight.Shape[1]), bytes + (weight.Data.ByteLength / weight.Shape[0] * rows));
        }

        return [.. names.Select(name => new LinearPart(name, sums[name].Weights, sums[name].Bytes))];
    }

    private static IEnumerable<(string Name, long Rows, Resource Weight)> Pieces(Module module, Block block)
    {
        foreach (var op in block.Body.Where(op => op.Code == OpCode.Linear))
        {
            var weight = module.Resources[op.Get("weight")];
            if (Projections.FirstOrDefault(name => weight.Name.Split('.').Contains(name, StringComparer.Ordinal)) is not { } stem)
                continue;
            yield return (stem, weight.Shape[0], weight);
        }
    }
}
