using System.Collections.Immutable;
using BiMamba.Tensors;

namespace BiMamba.IR.Tests;

/// <summary>Ways to break the sample modules.</summary>
internal static class Broken
{
    /// <summary>The Bi-Mamba sample with its layer's ops changed.</summary>
    public static Module Layer(Func<Op, Op> change) => Layer(new Mamba2Sample().Build(), change);

    /// <summary>A module with the ops of all blocks changed.</summary>
    public static Module Layer(Module module, Func<Op, Op> change) => module with
    {
        Blocks = [.. module.Blocks.Select(block => block with { Body = [.. block.Body.Select(change)] })],
    };

    /// <summary>A change of the op with one result.</summary>
    public static Func<Op, Op> At(string result, Func<Op, Op> change) =>
        op => op.Results.Any(value => value.Name == result) ? change(op) : op;

    /// <summary>The Bi-Mamba sample with a resource replaced.</summary>
    public static Module Resource(Resource resource) => Resource(new Mamba2Sample().Build(), resource);

    /// <summary>A module with a resource replaced or added.</summary>
    public static Module Resource(Module module, Resource resource) =>
        module with { Resources = module.Resources.SetItem(resource.Name, resource) };

    /// <summary>The Bi-Mamba sample with a resource of another shape.</summary>
    public static Module Shaped(string name, params ReadOnlySpan<long> dims) =>
        Resource(new Resource(name, MemoryTensor.Of(new float[Shape.Of(dims).Count], Shape.Of(dims))));

    /// <summary>The Bi-Mamba sample with a resource of bytes of the same shape.</summary>
    public static Module Integers(string name) => Integers(new Mamba2Sample().Build(), name);

    /// <summary>A module with a resource of bytes of the same shape.</summary>
    public static Module Integers(Module module, string name)
    {
        var shape = module.Resources[name].Shape;
        return Resource(module, new Resource(name, new MemoryTensor(new byte[shape.Count], ElementType.U8, shape)));
    }

    /// <summary>A module of one block.</summary>
    public static Module One(Block block, ImmutableSortedDictionary<string, Resource>? resources = null) =>
        new("one", Level.Float, [], resources ?? ImmutableSortedDictionary<string, Resource>.Empty, [block]);

    /// <summary>The sample after fold-fbi.</summary>
    public static Module Quant() => Running.Apply(new Mamba2Sample().Build(), "fold-fbi");

    /// <summary>The sample after fold-fbi and pack.</summary>
    public static Module Packed() => Running.Apply(new Mamba2Sample().Build(), "fold-fbi | pack");

    /// <summary>The name of a result.</summary>
    public static string Result(this Op op, int index) => op.Results[index].Name;

    /// <summary>An op with an operand more, in the order of the op table.</summary>
    public static Op Adding(this Op op, string role, string name)
    {
        var operands = op.Operands.Add(Operand.Resource(role, name));
        return op with { Operands = [.. op.Info.Operands.SelectMany(row => operands.Where(operand => operand.Role == row.Name))] };
    }
}
