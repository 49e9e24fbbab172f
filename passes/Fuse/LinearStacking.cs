using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Tensors;
using ValueType = BiMamba.IR.ValueType;

namespace BiMamba.Passes.Fuse;

/// <summary>
/// Linears that read the same value become one whose rows are theirs, and a split whose parts are their results. The
/// weight is a view of theirs, and the parts of a split are views of its input: nothing is copied, and every row is the
/// same sum, so the bits are the same.
/// </summary>
/// <remarks>
/// Only weights of one element type are stacked, none that another op names too, since it would be stored twice, and none
/// without rows, since no part of a split is empty.
/// </remarks>
internal static class LinearStacking
{
    /// <summary>The module with one block rewritten.</summary>
    public static Module Run(Module module, int index, FuseReport report)
    {
        var groups = module.Blocks[index].Body
            .Where(op => op.Code == OpCode.Linear && op.Result.Type.Width > 0 && module.Uses(op.Get("weight")) == 1)
            .GroupBy(op => (op.Get("x"), module.Resources[op.Get("weight")].Encoding, module.Resources[op.Get("weight")].HasData))
            .Where(group => group.Count() > 1)
            .ToList();
        foreach (var group in groups)
        {
            var linears = group.ToList();
            module = Stack(module, index, linears);
            report.Linears += linears.Count;
            report.Stacks++;
        }

        return module;
    }

    private static Module Stack(Module module, int index, List<Op> linears)
    {
        var block = module.Blocks[index];
        var weights = linears.Select(op => module.Resources[op.Get("weight")]).ToList();
        var prefix = StackName(weights);
        var weight = StackWeights(ResourceNames.Unique(prefix + ".weight", module.Resources.ContainsKey), weights);
        var bias = StackBiases(prefix, linears, module);
        var whole = new Value(ResourceNames.Unique("stack", name => block.Find(name) is not null), ValueType.Features(weight.Shape[0]));
        ImmutableArray<Operand> operands = [Operand.Value("x", linears[0].Get("x")), Operand.Resource("weight", weight.Name)];
        if (bias is not null)
            operands = operands.Add(Operand.Resource("bias", bias.Name));
        var none = ImmutableDictionary<string, AttributeValue>.Empty;
        var stacked = new Op(OpCode.Linear, [whole], operands, none);
        var split = new Op(OpCode.Split, [.. linears.Select(op => op.Result)], [Operand.Value("x", whole.Name)], none)
            .With(Attributes.Sizes, new AttributeValue.Ints([.. weights.Select(part => part.Shape[0])]));
        var resources = module.Resources.SetItem(weight.Name, weight);
        module = module with { Resources = bias is null ? resources : resources.SetItem(bias.Name, bias) };
        return module.WithBlock(index, block.With(block.Body.SelectMany(op => ReferenceEquals(op, linears[0]) ? [stacked, split] : linears.Contains(op) ? (Op[])[] : [op])));
    }

    /// <summary>Names without their last part, joined behind the parts that they begin with alike: <c>layers.0.z_proj-x_proj</c>.</summary>
    private static string StackName(List<Resource> weights)
    {
        var prefixes = weights.ConvertAll(weight => ResourceNames.Prefix(weight.Name));
        var first = prefixes[0];
        var common = first.LastIndexOf('.') + 1;
        while (common > 0 && !prefixes.TrueForAll(name => name.StartsWith(first[..common], StringComparison.Ordinal)))
            common = common > 1 ? first.LastIndexOf('.', common - 2) + 1 : 0;
        return first[..common] + string.Join('_', prefixes.Select(name => name[common..].Replace('.', '_')));
    }

    private static Resource StackWeights(string name, List<Resource> weights)
    {
        var shape = Shape.Of(weights.Sum(weight => weight.Shape[0]), weights[0].Shape[1]);
        return weights[0].HasData
            ? new Resource(name, new StackedTensor([.. weights.Select(weight => weight.Data)]))
            : Resource.Declared(name, weights[0].Encoding, shape, null);
    }

    /// <summary>The biases one below the other, zeros for those that are missing; null where all are. fp32 unless all have one other type.</summary>
    private static Resource? StackBiases(string prefix, List<Op> linears, Module module)
    {
        var biases = linears.ConvertAll(op => op.Find("bias") is { } bias ? module.Resources[bias] : null);
        if (biases.TrueForAll(bias => bias is null))
            return null;
        var name = ResourceNames.Unique(prefix + ".bias", module.Resources.ContainsKey);
        var rows = linears.ConvertAll(op => op.Result.Type.Width);
        var encodings = biases.Select(bias => bias?.Encoding ?? Encoding.F32).Distinct().ToList();
        var hasAll = biases.TrueForAll(bias => bias?.HasData != false);
        if (!hasAll)
            return Resource.Declared(name, encodings.Count == 1 ? encodings[0] : Encoding.F32, Shape.Of(rows.Sum()), null);
        if (encodings.Count == 1)
            return new Resource(name, new StackedTensor([.. biases.Select((bias, i) => bias?.Data ?? MemoryTensor.Vector(new float[rows[i]]))]));
        return new Resource(name, MemoryTensor.Vector([.. biases.SelectMany((bias, i) => bias?.Data.ToSingles() ?? new float[rows[i]])]));
    }
}
