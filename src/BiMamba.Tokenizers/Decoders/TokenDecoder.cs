namespace BiMamba.Tokenizers.Decoders;

/// <summary>Gives the bytes that a token of the vocabulary stands for.</summary>
internal abstract class TokenDecoder
{
    /// <summary>How many spaces a decode takes away at the start of the text.</summary>
    public virtual int LeadingSpaces => 0;

    /// <summary>The bytes of a token.</summary>
    /// <param name="token">The token as the vocabulary writes it.</param>
    public abstract byte[] Decode(string token);
}
