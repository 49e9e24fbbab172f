using BiMamba.Formats.Gguf.Reading;
using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf;

/// <summary>A checked GGUF file. Disposing it ends the life of its tensors and of the arrays of its metadata.</summary>
public sealed class GgufFile : IDisposable
{
    private readonly FileMap map;
    private readonly Dictionary<string, GgufValue> values;
    private readonly Dictionary<string, GgufTensorEntry> tensors;

    internal GgufFile(FileMap map, uint version, long alignment, long dataOffset, IReadOnlyList<KeyValuePair<string, GgufValue>> metadata, IReadOnlyList<GgufTableRow> rows)
    {
        this.map = map;
        Version = version;
        Alignment = alignment;
        DataOffset = dataOffset;
        Metadata = metadata;
        Tensors = [.. rows.Select(row => new GgufTensorEntry(map, dataOffset, row))];
        values = metadata.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        tensors = Tensors.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The path as it was given.</summary>
    public string Path => map.Path;

    /// <summary>The version of the layout, 2 or 3.</summary>
    public uint Version { get; }

    /// <summary>Every tensor starts at a multiple of this from <see cref="DataOffset"/>.</summary>
    public long Alignment { get; }

    /// <summary>Byte offset of the tensors in the file.</summary>
    public long DataOffset { get; }

    /// <summary>Keys, each once, and their values, in the order of the file.</summary>
    public IReadOnlyList<KeyValuePair<string, GgufValue>> Metadata { get; }

    /// <summary>The tensors, each name once, in the order of the file.</summary>
    public IReadOnlyList<GgufTensorEntry> Tensors { get; }

    /// <summary>The value of a key, or null.</summary>
    public GgufValue? Find(string key) => values.GetValueOrDefault(key);

    /// <summary>The tensor of a name, or null.</summary>
    public GgufTensorEntry? FindTensor(string name) => tensors.GetValueOrDefault(name);

    /// <inheritdoc/>
    public void Dispose() => map.Dispose();
}
