namespace BiMamba.Tokenizers.Models;

/// <summary>One symbol a byte.</summary>
/// <param name="byteIds">The id of each byte, -1 where the vocabulary has none.</param>
/// <param name="unknown">The id of what has no symbol, or -1.</param>
/// <param name="fuseUnknown">Neighbouring unknowns become one.</param>
internal sealed class ByteSymbols(int[] byteIds, int unknown, bool fuseUnknown) : SymbolTable(unknown, fuseUnknown)
{
    /// <inheritdoc/>
    public override int Fill(ReadOnlySpan<byte> word, Span<int> symbols)
    {
        var count = 0;
        var afterUnknown = false;
        foreach (var b in word)
        {
            if (byteIds[b] >= 0)
            {
                symbols[count++] = byteIds[b];
                afterUnknown = false;
            }
            else
            {
                AddUnknown(symbols, ref count, ref afterUnknown);
            }
        }

        return count;
    }
}
