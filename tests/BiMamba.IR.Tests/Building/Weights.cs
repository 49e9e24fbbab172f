using System.Runtime.InteropServices;
using BiMamba.Tensors;

namespace BiMamba.IR.Tests;

/// <summary>The resources of a module that is being built.</summary>
internal sealed class Weights(int seed)
{
    private readonly Dictionary<string, Resource> resources = new(StringComparer.Ordinal);

    /// <summary>Where values of weights come from.</summary>
    public Numbers Numbers { get; } = new(seed);

    /// <summary>All resources in ordinal order.</summary>
    public System.Collections.Immutable.ImmutableSortedDictionary<string, Resource> Map => Module.ResourceMap(resources.Values);

    /// <summary>A weight of random numbers.</summary>
    public string Random(string name, float scale, params ReadOnlySpan<long> dims) =>
        Put(name, Numbers.Vector(checked((int)Shape.Of(dims).Count), scale), dims);

    /// <summary>The weight of a norm.</summary>
    public string Norm(string name, int length) => Put(name, Numbers.Ones(length), length);

    /// <summary>A weight of given numbers.</summary>
    public string Put(string name, float[] values, params ReadOnlySpan<long> dims) =>
        Put(new Resource(name, MemoryTensor.Of(values, Shape.Of(dims))));

    /// <summary>A resource.</summary>
    public string Put(Resource resource)
    {
        resources.Add(resource.Name, resource);
        return resource.Name;
    }

    /// <summary>A block whose parameter is features.</summary>
    public BlockBuilder Block(string name, string parameter, long width) =>
        new(name, new Value(parameter, ValueType.Features(width)), resource => resources[resource]);

    /// <summary>The block that takes the token ids.</summary>
    public Block Embed(string weight)
    {
        var block = new BlockBuilder("embed", new Value("ids", new ValueType(ElementType.I32, ValueType.Tokens)), resource => resources[resource]);
        return block.Return(block.Add("x", OpCode.Embedding, [("ids", "ids"), ("weight", weight)]));
    }

    /// <summary>A resource of raw bytes: packed encodings, integers.</summary>
    public static Resource Bytes(string name, Encoding encoding, byte[] bytes, params ReadOnlySpan<long> dims)
    {
        var shape = Shape.Of(dims);
        return encoding.Info().Element is { } element
            ? new Resource(name, encoding, shape, new MemoryTensor(bytes, element, shape))
            : new Resource(name, encoding, shape, new MemoryTensor(bytes, ElementType.U8, Shape.Of(bytes.Length)));
    }

    /// <summary>Numbers rounded to fp16.</summary>
    public static Resource Halves(string name, float[] values, params ReadOnlySpan<long> dims)
    {
        var halves = Array.ConvertAll(values, value => (Half)value);
        return new Resource(name, new MemoryTensor(MemoryMarshal.AsBytes<Half>(halves).ToArray(), ElementType.F16, Shape.Of(dims)));
    }
}
