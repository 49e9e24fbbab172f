using System.Collections.Immutable;
using BiMamba.Formats.Spec;
using BiMamba.IR;
using ValueType = BiMamba.IR.ValueType;

namespace BiMamba.Formats.Bimb;

/// <summary>Gives the values of the record <c>module</c>.</summary>
internal static class BimbModuleWriter
{
    /// <summary>The values of a module over a table of tensors.</summary>
    /// <param name="module">The module.</param>
    /// <param name="tensors">Names in the order of the table.</param>
    internal static SpecObject Write(Module module, IReadOnlyList<string> tensors)
    {
        var indices = tensors.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index, StringComparer.Ordinal);
        return new SpecObject
        {
            ["name"] = module.Name,
            ["level"] = module.Level.Name(),
            ["attributes"] = module.Attributes.Select(pair => Attribute(pair.Key, pair.Value)).ToList(),
            ["blocks"] = module.Blocks.Select(block => Block(block, indices)).ToList(),
        };
    }

    private static object Block(Block block, Dictionary<string, int> tensors) => new SpecObject
    {
        ["name"] = block.Name,
        ["parameter"] = Value(block.Parameter),
        ["ops"] = block.Body.Select(op => Op(op, tensors)).ToList(),
        ["result"] = block.Return,
    };

    private static object Op(Op op, Dictionary<string, int> tensors) => new SpecObject
    {
        ["name"] = op.Info.Name,
        ["results"] = op.Results.Select(Value).ToList(),
        ["operands"] = op.Operands.Select(operand => (object)new SpecObject
        {
            ["role"] = operand.Role,
            ["target"] = operand.IsResource
                ? new SpecChoice("resource", new SpecObject { ["index"] = tensors[operand.Name] })
                : new SpecChoice("value", operand.Name),
        }).ToList(),
        ["attributes"] = op.Attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => Attribute(pair.Key, pair.Value)).ToList(),
    };

    private static object Value(Value value) => new SpecObject
    {
        ["name"] = value.Name,
        ["element"] = Encodings.Of(value.Type.Element).Name(),
        ["rank"] = value.Type.Dims.Length,
        ["dims"] = Integers(value.Type.Dims),
    };

    private static object Attribute(string key, AttributeValue value) => new SpecObject
    {
        ["key"] = key,
        ["value"] = value switch
        {
            AttributeValue.Int number => new SpecChoice("int", number.Value),
            AttributeValue.Float number => new SpecChoice("float", number.Value),
            AttributeValue.Bool truth => new SpecChoice("bool", truth.Value ? "true" : "false"),
            AttributeValue.Word word => new SpecChoice("word", word.Value),
            AttributeValue.Ints list => new SpecChoice("ints", Integers(list.Values)),
            _ => throw new InvalidOperationException($"unknown attribute value {value.GetType().Name}"),
        },
    };

    private static List<object> Integers(ImmutableArray<long> values) => [.. values.Select(value => (object)value)];
}
