using BiMamba.Formats.Gguf.Decoding;
using BiMamba.Formats.Gguf.Reading;
using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf;

/// <summary>A tensor of a file.</summary>
public sealed class GgufTensorEntry
{
    internal GgufTensorEntry(FileMap map, long dataOffset, GgufTableRow row)
    {
        Name = row.Name;
        Layout = row.Layout;
        Shape = row.Shape;
        Offset = dataOffset + row.Offset;
        ByteLength = row.ByteLength;
        Tensor = Open(map);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>How the elements are stored.</summary>
    public GgmlLayout Layout { get; }

    /// <summary>The dimensions, outermost first; the file names them the other way round.</summary>
    public Shape Shape { get; }

    /// <summary>Byte offset of the tensor in the file.</summary>
    public long Offset { get; }

    /// <summary>Bytes in the file, without padding.</summary>
    public long ByteLength { get; }

    /// <summary>
    /// The elements, row-major: of their own type where they lie as they are, as F32 decoded on the way where they lie in
    /// blocks. Null where <see cref="GgmlLayout.IsReadable"/> is false.
    /// </summary>
    public Tensor? Tensor { get; }

    private Tensor? Open(FileMap map)
    {
        if (Layout.Plain is { } type)
            return new MappedTensor(map, Offset, type, Shape);
        // A scalar is no whole number of blocks.
        return Layout.Decode is null || Shape.Count % Layout.BlockElements != 0 ? null : new BlockTensor(map, Offset, Layout, Shape);
    }
}
