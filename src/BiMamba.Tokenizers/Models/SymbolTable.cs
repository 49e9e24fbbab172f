namespace BiMamba.Tokenizers.Models;

/// <summary>Cuts a word into the symbols that merging starts from.</summary>
/// <param name="unknown">The id of what has no symbol, or -1: it is left out.</param>
/// <param name="fuseUnknown">Neighbouring unknowns become one.</param>
internal abstract class SymbolTable(int unknown, bool fuseUnknown)
{
    /// <summary>Gives the symbols of a word.</summary>
    /// <param name="word">The word.</param>
    /// <param name="symbols">Room for one symbol a byte.</param>
    /// <returns>How many symbols there are.</returns>
    public abstract int Fill(ReadOnlySpan<byte> word, Span<int> symbols);

    /// <summary>Adds the unknown id where the settings ask for it.</summary>
    /// <param name="symbols">The symbols of the word.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="afterUnknown">True where the last character was unknown too.</param>
    protected void AddUnknown(Span<int> symbols, ref int count, ref bool afterUnknown)
    {
        if (unknown >= 0 && !(fuseUnknown && afterUnknown))
            symbols[count++] = unknown;
        afterUnknown = true;
    }
}
