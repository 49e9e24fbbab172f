using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;
using BiMamba.Weights;

namespace BiMamba.Passes.Dequantize;

/// <summary>
/// Every low-bit linear, and an embedding of codes, becomes the dense one with the weights that it stands for, in fp32,
/// computed as they are read. What other programs take starts here.
/// </summary>
public sealed class DequantizePass : Pass
{
    private const string Stage = "dequantize";

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        Stage,
        "Low-bit linears and embeddings become dense fp32 ones with the weights that they stand for.",
        [.. Levels.All.Select(row => new LevelRule(row.Level, Level.Float))],
        [],
        "dequantize");

    /// <inheritdoc/>
    public override Module? Run(Module module, PassOptions options, PassContext context)
    {
        var resources = module.Resources.ToBuilder();
        foreach (var name in module.Blocks.SelectMany(block => block.Body).Where(IsLowBit).SelectMany(op => op.Operands).Where(operand => operand.IsResource && operand.Role != "bias").Select(operand => operand.Name).ToHashSet(StringComparer.Ordinal))
            resources.Remove(name);
        var count = 0;
        var blocks = ImmutableArray.CreateBuilder<Block>();
        foreach (var block in module.Blocks)
        {
            count += block.Body.Count(IsLowBit);
            blocks.Add(block.With(block.Body.Select(op => IsLowBit(op) ? Dense(op, module, resources) : op)));
        }

        // What a low-bit op shares with one that stays as it is comes back.
        foreach (var operand in blocks.SelectMany(block => block.Body).SelectMany(op => op.Operands).Where(operand => operand.IsResource && !resources.ContainsKey(operand.Name)))
            resources[operand.Name] = module.Resources[operand.Name];
        context.Diagnostics.Add(PipelineDiagnostics.PassReport, string.Create(CultureInfo.InvariantCulture, $"{count} ops have dense weights"), new Place(Stage));
        return (module with { Level = Level.Float, Resources = resources.ToImmutable(), Blocks = blocks.ToImmutable() }).WithoutUnusedResources();
    }

    private static bool IsLowBit(Op op) =>
        op.Code is OpCode.FbiLinear or OpCode.SignLinear or OpCode.CodeLinear or OpCode.BraqLinear
        || (op.Code is OpCode.Embedding or OpCode.LmHead && op.Find("scale") is not null);

    private static Op Dense(Op op, Module module, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var stored = op.Operands.First(operand => operand.IsResource).Name;
        var weight = ResourceNames.Add(resources, new Resource(ResourceNames.Prefix(stored) + ".weight", DenseTensor.Of(op, module)));
        if (op.Code is OpCode.Embedding or OpCode.LmHead)
            return op.Without("scale").With("weight", weight).With(Attributes.ScaleGroup, new AttributeValue.Int(0));
        var dense = new Op(
            OpCode.Linear, op.Results, [Operand.Value("x", op.Get("x")), Operand.Resource("weight", weight)], ImmutableDictionary<string, AttributeValue>.Empty);
        return op.Find("bias") is { } bias ? dense.With(Operand.Resource("bias", bias)) : dense;
    }
}
