using System.Text;

namespace BiMamba.Tokenizers.Decoders;

/// <summary>Each character of a token is a byte; a token with any other character is text as it stands.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override byte[] Decode(string token) => ByteAlphabet.TryDecode(token) ?? Encoding.UTF8.GetBytes(token);
}
