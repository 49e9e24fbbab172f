using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;
using BiMamba.Runtime;
using BiMamba.Tensors;
using BiMamba.Text;

namespace BiMamba.Quantization;

/// <summary>What a low-bit weight stands for once it is packed, read through the runtime.</summary>
internal static class PackedForm
{
    private const string Weight = "layer.weight";

    /// <summary>The weight [rows, columns] that the packed op multiplies: token j of the model that is built is the unit vector j, its logits are column j.</summary>
    public static float[] Read(LoweredWeight lowered, int rows, int columns)
    {
        var bag = new DiagnosticBag();
        var packed = PassManager.Run(Build(lowered, rows, columns), PassTable.Parse(new SourceText("pipeline", "pack"), bag)!, new PassContext(bag, 2, TestContext.Current.CancellationToken));
        Assert.True(packed is not null, string.Join('\n', bag.Items));
        Assert.DoesNotContain(packed.Resources.Values, resource => resource.Encoding == Encoding.Trit || resource.Name.EndsWith(".codes", StringComparison.Ordinal) && resource.Encoding == Encoding.U8);
        var weight = new float[rows * columns];
        var runner = new ModelRunner(packed, new RuntimeOptions(2, 128, Engine.Reference));
        runner.Run(runner.NewState(), [.. Enumerable.Range(0, columns)], (first, logits) =>
        {
            for (var t = 0; t < logits.Count; t++)
            {
                for (var row = 0; row < rows; row++)
                    weight[(row * columns) + first + t] = logits[t][row];
            }
        });
        return weight;
    }

    private static Module Build(LoweredWeight lowered, int rows, int columns)
    {
        var resources = Module.ResourceMap([Identity("embedding.weight", columns), Identity("head.weight", rows), new Resource(Weight, MemoryTensor.Of(new float[rows * columns], Shape.Of(rows, columns)))]).ToBuilder();
        BlockBuilder Start(string name, string parameter, IR.ValueType type) => new(name, new Value(parameter, type), resource => resources[resource]);
        var embed = Start("embed", "ids", new IR.ValueType(ElementType.I32, IR.ValueType.Tokens));
        embed.Add("e", OpCode.Embedding, [("ids", "ids"), ("weight", "embedding.weight")]);
        var layer = Start("layers.0", "r", IR.ValueType.Features(columns));
        layer.Add("y", OpCode.Linear, [("x", "r"), ("weight", Weight)]);
        var dense = layer.Return("y");
        var head = Start("head", "h", IR.ValueType.Features(rows));
        head.Add("logits", OpCode.LmHead, [("x", "h"), ("weight", "head.weight")]);
        var low = dense with { Body = [lowered.Build(dense.Body[0], resources)] };
        return new Module("packed", Level.Quant, [], resources.ToImmutable(), [embed.Return("e"), low, head.Return("logits")]).WithoutUnusedResources();
    }

    private static Resource Identity(string name, int size)
    {
        var values = new float[size * size];
        for (var i = 0; i < size; i++)
            values[(i * size) + i] = 1;
        return new Resource(name, MemoryTensor.Of(values, Shape.Of(size, size)));
    }
}
