using System.Text;
using System.Text.RegularExpressions;
using BiMamba.Tokenizers.PreTokenizers;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.Tokenizers.Tests;

public class SplittingTests
{
    private const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly Regex Gpt2 = new(Pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));

    // The characters where the alternatives meet, and some of each class beyond ASCII (none of them a surrogate).
    private const string Alphabet = "''''    stmdrevlSTabcz019.,!-_\n\r\t\u000b\u0085\u00a0\u2003\u3000\u200b\u00e9\u00df\u0301\u0663\u00bd\u2167\u65e5\ud55c\u2014\u201c\u0378";

    [Fact]
    public void The_scanner_splits_as_the_pattern()
    {
        var texts = Gen.Elements(Alphabet.ToCharArray()).ArrayOf().Select(chars => new string(chars)).ToArbitrary();
        var property = Prop.ForAll(texts, text => Words(text).SequenceEqual(Gpt2.Matches(text).Select(m => m.Value)));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20000).WithQuietOnSuccess(true), property);
    }

    [Theory]
    [InlineData("𝐀𝐁𝟙 𝟚😀😀 a", "𝐀𝐁|𝟙| 𝟚|😀😀| a")]
    [InlineData("a  b", "a| | b")]
    [InlineData("a \n b", "a| \n| b")]
    [InlineData("x  ", "x|  ")]
    [InlineData("I'LL we'll ''s", "I|'|LL| we|'ll| ''|s")]
    [InlineData("Ⅻ½٣x", "Ⅻ½٣|x")]
    public void Words_are_as_expected(string text, string expected) => Assert.Equal(expected.Split('|'), Words(text));

    [Fact]
    public void Bytes_outside_UTF8_are_symbols()
    {
        byte[] text = [(byte)'a', 0xFF, 0xE2, 0x28, (byte)'b'];
        Assert.Equal([1, 3, 1], Lengths(text));
    }

    [Fact]
    public void Marks_cut_whole_pieces_before_words()
    {
        var splitter = new WholePiece(cutBeforeMarks: true);
        var text = "a\u2581\u2581b\u2581"u8.ToArray();
        Assert.Equal(1, splitter.NextWord(text));
        Assert.Equal(7, splitter.NextWord(text.AsSpan(1)));
        Assert.Equal(3, splitter.NextWord(text.AsSpan(8)));
        Assert.Equal(text.Length, new WholePiece(cutBeforeMarks: false).NextWord(text));
        Assert.True(WholePiece.Joins("\u2581a\u2581"));
        Assert.False(WholePiece.Joins("\u2581\u2581a"));
    }

    private static List<string> Words(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var words = new List<string>();
        var position = 0;
        foreach (var length in Lengths(utf8))
        {
            words.Add(Encoding.UTF8.GetString(utf8, position, length));
            position += length;
        }

        return words;
    }

    private static List<int> Lengths(byte[] text)
    {
        var splitter = new ByteLevelPreTokenizer(addPrefixSpace: false, split: true);
        var lengths = new List<int>();
        for (var position = 0; position < text.Length; position += lengths[^1])
            lengths.Add(splitter.NextWord(text.AsSpan(position)));
        return lengths;
    }
}
