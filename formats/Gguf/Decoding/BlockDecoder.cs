namespace BiMamba.Formats.Gguf;

/// <summary>Decodes whole blocks.</summary>
/// <param name="source">The bytes of one or more blocks, one behind the other.</param>
/// <param name="destination">Their elements; as many blocks are decoded as it has room for.</param>
public delegate void BlockDecoder(ReadOnlySpan<byte> source, Span<float> destination);
