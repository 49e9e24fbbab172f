using System.Buffers;

namespace BiMamba.Tokenizers.Normalizers;

/// <summary>Replaces every occurrence of a text, from left to right.</summary>
/// <param name="pattern">What to replace; not empty.</param>
/// <param name="content">What stands there afterwards.</param>
internal sealed class ReplaceNormalizer(byte[] pattern, byte[] content) : Normalizer
{
    /// <inheritdoc/>
    public override bool MayChange(ReadOnlySpan<byte> utf8) => utf8.IndexOf(pattern) >= 0;

    /// <inheritdoc/>
    public override void Normalize(ReadOnlySpan<byte> utf8, ArrayBufferWriter<byte> output)
    {
        for (var at = utf8.IndexOf(pattern); at >= 0; at = utf8.IndexOf(pattern))
        {
            output.Write(utf8[..at]);
            output.Write(content);
            utf8 = utf8[(at + pattern.Length)..];
        }

        output.Write(utf8);
    }
}
