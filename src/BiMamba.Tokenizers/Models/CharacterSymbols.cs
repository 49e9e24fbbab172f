using System.Buffers;
using System.Text;

namespace BiMamba.Tokenizers.Models;

/// <summary>One symbol a character; a character that has none becomes one symbol for each of its bytes.</summary>
/// <param name="characterIds">The id of each character that has one.</param>
/// <param name="byteIds">The ids of the 256 bytes, or null: a character without symbol is unknown.</param>
/// <param name="unknown">The id of what has no symbol, or -1.</param>
/// <param name="fuseUnknown">Neighbouring unknowns become one.</param>
internal sealed class CharacterSymbols(Dictionary<Rune, int> characterIds, int[]? byteIds, int unknown, bool fuseUnknown)
    : SymbolTable(unknown, fuseUnknown)
{
    /// <inheritdoc/>
    public override int Fill(ReadOnlySpan<byte> word, Span<int> symbols)
    {
        var count = 0;
        var afterUnknown = false;
        while (!word.IsEmpty)
        {
            var known = Rune.DecodeFromUtf8(word, out var rune, out var length) == OperationStatus.Done;
            if (known && characterIds.TryGetValue(rune, out var id))
            {
                symbols[count++] = id;
                afterUnknown = false;
            }
            else if (byteIds is not null)
            {
                foreach (var b in word[..length])
                    symbols[count++] = byteIds[b];
                afterUnknown = false;
            }
            else
            {
                AddUnknown(symbols, ref count, ref afterUnknown);
            }

            word = word[length..];
        }

        return count;
    }
}
