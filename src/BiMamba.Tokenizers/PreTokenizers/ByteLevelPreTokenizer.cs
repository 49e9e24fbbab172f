using BiMamba.Tokenizers.Unicode;

namespace BiMamba.Tokenizers.PreTokenizers;

/// <summary>
/// The splitting of GPT-2,
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>, as a scanner over code points.
/// </summary>
/// <param name="addPrefixSpace">Puts a space before a piece that starts with none.</param>
/// <param name="split">False: a piece is one word.</param>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool split) : PreTokenizer
{
    /// <inheritdoc/>
    public override bool WantsSpaceBefore(ReadOnlySpan<byte> piece) =>
        addPrefixSpace && !piece.IsEmpty && piece[0] != (byte)' ';

    /// <inheritdoc/>
    public override int NextWord(ReadOnlySpan<byte> rest)
    {
        if (!split)
            return rest.Length;
        if (rest[0] == (byte)'\'' && Contraction(rest) is var contraction and > 0)
            return contraction;

        // A space belongs to the run after it, unless that run is white space.
        var start = rest[0] == (byte)' ' && rest.Length > 1 ? 1 : 0;
        var kind = CharacterClasses.Next(rest[start..], out var length);
        return kind == CharacterClass.Space ? Spaces(rest) : Run(rest, start + length, kind);
    }

    /// <summary>The end of the run of characters of one class.</summary>
    private static int Run(ReadOnlySpan<byte> text, int position, CharacterClass kind)
    {
        var ascii = CharacterClasses.Ascii;
        while (position < text.Length)
        {
            if (text[position] < 0x80)
            {
                if (ascii[text[position]] != (byte)kind)
                    break;
                position++;
            }
            else
            {
                if (CharacterClasses.Next(text[position..], out var length) != kind)
                    break;
                position += length;
            }
        }

        return position;
    }

    /// <summary>A run of white space; the last one is left for the next word if there is one and the run is longer than one.</summary>
    private static int Spaces(ReadOnlySpan<byte> text)
    {
        var (position, last) = (0, 0);
        while (position < text.Length && CharacterClasses.Next(text[position..], out var length) == CharacterClass.Space)
        {
            last = position;
            position += length;
        }

        return position == text.Length || last == 0 ? position : last;
    }

    private static int Contraction(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2)
            return 0;
        var second = text.Length > 2 ? text[2] : (byte)0;
        return (text[1], second) switch
        {
            ((byte)'s' or (byte)'t' or (byte)'m' or (byte)'d', _) => 2,
            ((byte)'r' or (byte)'v', (byte)'e') => 3,
            ((byte)'l', (byte)'l') => 3,
            _ => 0,
        };
    }
}
