namespace BiMamba.Formats.Safetensors;

/// <summary>A tensor as the header describes it, not yet checked against the file.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The name of the element type.</param>
/// <param name="Dims">Dimensions, outermost first, at most one more than any shape may have.</param>
/// <param name="Begin">First byte, from the start of the data.</param>
/// <param name="End">Byte after the last, from the start of the data; not before <paramref name="Begin"/>.</param>
/// <param name="Offset">Byte offset of the description in the file.</param>
internal sealed record HeaderEntry(string Name, string Type, IReadOnlyList<long> Dims, long Begin, long End, long Offset);

/// <summary>The parsed header of a file.</summary>
/// <param name="Metadata">The <c>__metadata__</c>; empty if there are none.</param>
/// <param name="Entries">The tensors in the order of the header; names are unique.</param>
/// <param name="DataStart">Byte offset of the data in the file.</param>
internal sealed record SafetensorsHeader(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<HeaderEntry> Entries, long DataStart)
{
    /// <summary>The largest header of the format, without its length field.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    /// <summary>The longest tensor name in UTF-8.</summary>
    public const int MaxNameBytes = 1024;

    /// <summary>The key that holds the metadata and so cannot name a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>What helps where a header contradicts itself.</summary>
    public const string WriteAgain = "the file is damaged or was written wrongly; download or write it again";
}
