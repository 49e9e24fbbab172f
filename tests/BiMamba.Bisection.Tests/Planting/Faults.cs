using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Bisection.Planting;

/// <summary>Bugs that every pass could have in its result, whatever it rewrites.</summary>
internal static class Faults
{
    /// <summary>The op that holds the weights of the first projection is the one that defines %p, whatever its level.</summary>
    private static readonly ImmutableArray<string> PlaneRoles = ["sign", "latent", "weight"];

    private static readonly ImmutableArray<Fault> Everywhere =
    [
        new("sign flipped", "layers.3", "p", "plane", "p", FlipOne),
        new("sign flipped", "layers.0", "o", "plane", "o", FlipOne),
        new("scale dropped", "layers.2", "n", "weight", "n", (module, op) => Edit(module, op.Get("weight"), _ => 1f)),
        new("scale dropped", "layers.4", "g", "weight", "g", (module, op) => Edit(module, op.Get("weight"), _ => 1f)),
        new("shift off", "layers.4", "conv", "bias", "conv", (module, op) => Edit(module, op.Get("bias"), value => value + 0.25f)),
        new("decay rates of the scan off", "layers.0", "y", "a_log", "y", (module, op) => Edit(module, op.Get("a_log"), value => value - 4)),
        new("convolution a tap late", "layers.1", "conv", "weight", "conv", ShiftTaps),
        new("weight of another layer", "layers.3", "p", "plane", "p", TakeOther),
        new("truncated", "layers.5", "n", "weight", "n", (module, op) => Edit(module, op.Get("weight"), Truncate)),
        new("parts of a split in another order", "layers.2", "z", "", "z", Reorder),
        new("split sizes swapped", "layers.2", "x", "", "x", SwapSizes),
    ];

    /// <summary>A lossy pass hides one sign among its rounding: its flipped signs are those of an eighth of the rows.</summary>
    private static readonly ImmutableArray<Fault> Lossy =
    [
        new("signs of some rows flipped", "layers.3", "p", "plane", "p", FlipRows),
        new("truncated", "layers.5", "n", "weight", "n", (module, op) => Edit(module, op.Get("weight"), value => MathF.CopySign(MathF.Pow(2, MathF.Floor(MathF.Log2(MathF.Abs(value)))), value))),
    ];

    private static readonly ImmutableArray<Fault> OfEmbeddings =
    [
        new("scale of the codes off", "embed", "r", "scale", "r", (module, op) => Edit(module, op.Get("scale"), value => value * 2)),
    ];

    private static readonly ImmutableArray<Fault> OfFolding =
    [
        new("shift off", "layers.1", "p", "column_shift", "p", (module, op) => Edit(module, op.Get("column_shift"), value => value + 0.01f)),
        new("shift dropped", "layers.5", "o", "column_shift", "o", (module, op) => Edit(module, op.Get("column_shift"), _ => 0f)),
    ];

    /// <summary>The faults that are planted in a pass.</summary>
    public static ImmutableArray<Fault> Of(string pass) => pass switch
    {
        "cast" => [.. Everywhere.Where(fault => fault.Name is not ("sign flipped" or "truncated")), .. Lossy],
        "quantize-embedding" => [.. Everywhere.Where(fault => fault.Name is not ("sign flipped" or "truncated")), .. Lossy, .. OfEmbeddings],
        "fold-fbi" or "pack" or "fuse" => [.. Everywhere, .. OfFolding],
        _ => Everywhere,
    };

    /// <summary>The weight of a matrix product.</summary>
    public static string Plane(Op op) => PlaneRoles.Select(op.Find).First(name => name is not null)!;

    /// <summary>The weight that a fault spoils, in a module that has it; null where no weight is to blame.</summary>
    public static string? Weight(Fault fault, Module module) => fault.Role switch
    {
        "" => null,
        "plane" => Plane(fault.Find(module)!),
        _ => fault.Find(module)!.Get(fault.Role),
    };

    private static Module FlipOne(Module module, Op op) => Fault.Exchange(module, Plane(op), weight => WeightEdit.Negate(weight, [(weight.Shape[0] / 2, weight.Shape[1] / 2)]));

    private static Module FlipRows(Module module, Op op) => Fault.Exchange(module, Plane(op), weight => WeightEdit.Negate(
        weight,
        from row in Enumerable.Range(0, (int)weight.Shape[0])
        where row % 8 == 0
        from column in Enumerable.Range(0, (int)weight.Shape[1])
        select ((long)row, (long)column)));

    private static Module Edit(Module module, string name, Func<float, float> change) =>
        Fault.Exchange(module, name, weight => WeightEdit.Map(weight, values => [.. values.Select(change)]));

    private static float Truncate(float value) => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFC0_0000);

    private static Module ShiftTaps(Module module, Op op) => Fault.Exchange(module, op.Get("weight"), weight => WeightEdit.Map(weight, values =>
    {
        var taps = (int)weight.Shape[2];
        return [.. values.Select((_, i) => i % taps == 0 ? 0f : values[i - 1])];
    }));

    private static Module TakeOther(Module module, Op op)
    {
        var name = Plane(op);
        var other = name.Replace("layers.3.", "layers.4.", StringComparison.Ordinal);
        return module.Resources.ContainsKey(other) ? Fault.Exchange(module, "layers.3", op, op with { Operands = [.. op.Operands.Select(operand => operand.Name == name ? operand with { Name = other } : operand)] }).WithoutUnusedResources() : module;
    }

    /// <summary>%z, %xbc, %dt become %xbc, %z, %dt with the types that they had: a valid module.</summary>
    private static Module Reorder(Module module, Op op)
    {
        ImmutableArray<Value> parts = [op.Results[1], op.Results[0], .. op.Results[2..]];
        return Fault.Exchange(module, "layers.2", op, op.With(Attributes.Sizes, new AttributeValue.Ints([.. parts.Select(part => part.Type.Width)])) with { Results = parts });
    }

    /// <summary>%x, %b, %c keep their order and get the sizes of %b, %x, %c: a module that the verifier refuses.</summary>
    private static Module SwapSizes(Module module, Op op)
    {
        ImmutableArray<long> sizes = [op.Results[1].Type.Width, op.Results[0].Type.Width, .. op.Results[2..].Select(part => part.Type.Width)];
        if (sizes[0] == sizes[1])
            return module;
        return Fault.Exchange(module, "layers.2", op, op.With(Attributes.Sizes, new AttributeValue.Ints(sizes)) with
        {
            Results = [.. op.Results.Zip(sizes, (part, size) => part with { Type = IR.ValueType.Features(size) })],
        });
    }
}
