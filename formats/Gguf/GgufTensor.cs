using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf;

/// <summary>A tensor to be written.</summary>
public sealed class GgufTensor
{
    /// <summary>The most bytes of a name.</summary>
    public const int MaxNameBytes = 64;

    /// <summary>The most dimensions.</summary>
    public const int MaxRank = 4;

    /// <summary>A tensor.</summary>
    /// <param name="name">Its name, 1 to 64 bytes of UTF-8.</param>
    /// <param name="type">How its elements are stored.</param>
    /// <param name="source">Its elements, of a floating-point type: up to 4 dimensions, the last one a whole number of blocks.</param>
    /// <exception cref="ArgumentException">A condition above does not hold.</exception>
    public GgufTensor(string name, GgmlType type, Tensor source)
    {
        if (GgufHeader.ByteCount(name) is < 1 or > MaxNameBytes)
            throw new ArgumentException($"expected 1 to {MaxNameBytes} bytes, found '{name}'", nameof(name));
        if (source.Shape.Rank > MaxRank)
            throw new ArgumentException($"expected at most {MaxRank} dimensions, found {source.Shape} in '{name}'", nameof(source));
        if ((source.Shape.Rank == 0 ? 1 : source.Shape.Dims[^1]) % type.BlockElements != 0)
            throw new ArgumentException($"expected rows of whole blocks of {type.BlockElements} elements, found {source.Shape} in '{name}'", nameof(source));
        Name = name;
        Type = type;
        Source = source;
        ByteLength = type.BytesOf(source.Shape.Count);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>How the elements are stored.</summary>
    public GgmlType Type { get; }

    /// <summary>The elements, outermost dimension first; the file names the dimensions the other way round.</summary>
    public Tensor Source { get; }

    /// <summary>Bytes in the file, without padding.</summary>
    public long ByteLength { get; }
}
