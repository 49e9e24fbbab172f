using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Models;

/// <summary>
/// An imported Mamba-2 model as somebody writes it by hand: a factor behind every norm, in_proj as a linear for each part
/// of its result, activations behind convolutions.
/// </summary>
internal static class Unfused
{
    public static Module Of(Module module)
    {
        var resources = module.Resources.ToBuilder();
        Block[] blocks = [.. module.Blocks.Select(block => block with { Body = [.. Rewrite(block, module, resources)] })];
        return (module with { Resources = resources.ToImmutable(), Blocks = [.. blocks] }).WithoutUnusedResources();
    }

    private static IEnumerable<Op> Rewrite(Block block, Module module, ImmutableSortedDictionary<string, Resource>.Builder resources) => block.Body.SelectMany(op => op.Code switch
    {
        OpCode.RmsNorm or OpCode.GatedRmsNorm => Scaled(op, module, resources),
        OpCode.CausalConv1d => Activated(op),
        OpCode.Linear when Parts(block, op) is { } split => Separated(op, split, module, resources),
        OpCode.Split when block.Body.Any(linear => linear.Code == OpCode.Linear && linear.Result.Name == op.Get("x")) => [],
        _ => (Op[])[op],
    });

    private static Op[] Scaled(Op norm, Module module, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var (name, inner) = (norm.Get("weight"), norm.Result with { Name = norm.Result.Name + ".inner" });
        var weight = module.Resources[name].Data.ToSingles();
        // Far from powers of two, from 0.6 to 1.7, of both signs.
        float[] factor = [.. weight.Select((_, j) => (j % 3 == 0 ? -1 : 1) * (0.6f + (j * 0.618034f % 1.1f)))];
        resources[name] = new Resource(name, MemoryTensor.Vector([.. weight.Zip(factor, (left, right) => left / right)]));
        var scale = new Resource(name + ".factor", MemoryTensor.Vector(factor));
        resources[scale.Name] = scale;
        return
        [
            norm with { Results = [inner] },
            new Op(OpCode.Scale, norm.Results, [Operand.Value("x", inner.Name), Operand.Resource("weight", scale.Name)], ImmutableDictionary<string, AttributeValue>.Empty),
        ];
    }

    private static Op[] Activated(Op conv)
    {
        Assert.Equal("silu", conv.Word(Attributes.Activation));
        var inner = conv.Result with { Name = conv.Result.Name + ".inner" };
        return
        [
            conv.With(Attributes.Activation, new AttributeValue.Word("none")) with { Results = [inner] },
            new Op(OpCode.Silu, conv.Results, [Operand.Value("x", inner.Name)], ImmutableDictionary<string, AttributeValue>.Empty),
        ];
    }

    private static Op? Parts(Block block, Op linear) => block.Body.FirstOrDefault(op => op.Code == OpCode.Split && op.Get("x") == linear.Result.Name);

    private static IEnumerable<Op> Separated(Op linear, Op split, Module module, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var weight = module.Resources[linear.Get("weight")];
        var bias = linear.Find("bias") is { } biasName ? module.Resources[biasName] : null;
        long first = 0;
        foreach (var part in split.Results)
        {
            var (rows, prefix) = (part.Type.Width, $"{weight.Name}.{part.Name}");
            ImmutableArray<Operand> operands = [Operand.Value("x", linear.Get("x")), Rows(weight, prefix + ".weight", "weight", first, rows, resources)];
            if (bias is not null)
                operands = operands.Add(Rows(bias, prefix + ".bias", "bias", first, rows, resources));
            yield return new Op(OpCode.Linear, [part], operands, linear.Attributes);
            first += rows;
        }
    }

    private static Operand Rows(Resource whole, string name, string role, long first, long rows, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var shape = Shape.Of([rows, .. whole.Shape.Dims[1..]]);
        var rowBytes = whole.Data.ByteLength / whole.Shape[0];
        var bytes = new byte[rows * rowBytes];
        whole.Data.Read(first * rowBytes, bytes);
        resources[name] = new Resource(name, new MemoryTensor(bytes, whole.Data.Type, shape));
        return Operand.Resource(role, name);
    }
}
