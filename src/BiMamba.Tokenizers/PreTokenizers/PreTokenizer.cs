namespace BiMamba.Tokenizers.PreTokenizers;

/// <summary>Splits normalized text into words; no merge crosses the border of a word.</summary>
internal abstract class PreTokenizer
{
    /// <summary>True where the piece gets a space before it.</summary>
    public virtual bool WantsSpaceBefore(ReadOnlySpan<byte> piece) => false;

    /// <summary>The length in bytes of the first word; at least 1. The text is not empty.</summary>
    public abstract int NextWord(ReadOnlySpan<byte> rest);
}
