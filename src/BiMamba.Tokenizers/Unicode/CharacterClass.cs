using System.Globalization;
using System.Text;

namespace BiMamba.Tokenizers.Unicode;

/// <summary>The classes of characters that splitting distinguishes.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Neither letter, number nor white space; also a byte that is not UTF-8.</summary>
    Other,

    /// <summary><c>\p{L}</c>.</summary>
    Letter,

    /// <summary><c>\p{N}</c>.</summary>
    Number,

    /// <summary><c>\s</c>: White_Space.</summary>
    Space,
}

/// <summary>Classifies the characters of UTF-8 text.</summary>
internal static class CharacterClasses
{
    /// <summary>The class of each ASCII character, Other for the rest.</summary>
    public static ReadOnlySpan<byte> Ascii => AsciiTable;

    private static readonly byte[] AsciiTable =
        [.. Enumerable.Range(0, 256).Select(b => b < 128 ? (byte)Of(new Rune(b)) : (byte)CharacterClass.Other)];

    /// <summary>The class of the first character and its length in bytes. The text is not empty.</summary>
    public static CharacterClass Next(ReadOnlySpan<byte> utf8, out int length)
    {
        var first = utf8[0];
        if (first < 0x80)
        {
            length = 1;
            return (CharacterClass)AsciiTable[first];
        }

        return Rune.DecodeFromUtf8(utf8, out var rune, out length) == System.Buffers.OperationStatus.Done
            ? Of(rune)
            : CharacterClass.Other;
    }

    /// <summary>The class of a character.</summary>
    public static CharacterClass Of(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ => Rune.IsWhiteSpace(rune) ? CharacterClass.Space : CharacterClass.Other,
    };

    /// <summary>True for a word character in the sense of <c>\w</c> (Unicode Technical Standard 18, annex C).</summary>
    public static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.LetterNumber => true,
        UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.OtherSymbol => IsEnclosedLetter(rune.Value),
        _ => rune.Value is 0x200C or 0x200D,
    };

    // The symbols that are Alphabetic though their category is not a letter.
    private static bool IsEnclosedLetter(int codePoint) => codePoint is
        (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);
}
