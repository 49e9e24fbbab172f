using System.Buffers;

namespace BiMamba.Tokenizers.Normalizers;

/// <summary>Puts a text before every piece that is not empty.</summary>
internal sealed class PrependNormalizer(byte[] prefix) : Normalizer
{
    /// <inheritdoc/>
    public override bool MayChange(ReadOnlySpan<byte> utf8) => !utf8.IsEmpty;

    /// <inheritdoc/>
    public override void Normalize(ReadOnlySpan<byte> utf8, ArrayBufferWriter<byte> output)
    {
        if (!utf8.IsEmpty)
            output.Write(prefix);
        output.Write(utf8);
    }
}
