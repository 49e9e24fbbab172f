namespace BiMamba.Tokenizers.PreTokenizers;

/// <summary>Splits nothing: a piece is one word.</summary>
internal sealed class WholePiece : PreTokenizer
{
    /// <inheritdoc/>
    public override int NextWord(ReadOnlySpan<byte> rest) => rest.Length;
}
