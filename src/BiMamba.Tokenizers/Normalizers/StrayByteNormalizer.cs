using System.Buffers;

namespace BiMamba.Tokenizers.Normalizers;

/// <summary>
/// Replaces bytes that never occur in UTF-8 by U+FFFD. Vocabularies trained on text may lack these bytes, and without
/// this a text that is not UTF-8 would lose them without a trace.
/// </summary>
/// <param name="bytes">The bytes to replace.</param>
internal sealed class StrayByteNormalizer(byte[] bytes) : Normalizer
{
    private readonly SearchValues<byte> search = SearchValues.Create(bytes);

    /// <summary>True for the bytes that are in no UTF-8 text.</summary>
    public static bool IsStray(int b) => b is 0xC0 or 0xC1 or >= 0xF5;

    /// <inheritdoc/>
    public override bool MayChange(ReadOnlySpan<byte> utf8) => utf8.ContainsAny(search);

    /// <inheritdoc/>
    public override void Normalize(ReadOnlySpan<byte> utf8, ArrayBufferWriter<byte> output)
    {
        for (var at = utf8.IndexOfAny(search); at >= 0; at = utf8.IndexOfAny(search))
        {
            output.Write(utf8[..at]);
            output.Write("\uFFFD"u8);
            utf8 = utf8[(at + 1)..];
        }

        output.Write(utf8);
    }
}
