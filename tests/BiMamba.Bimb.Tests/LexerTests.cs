using BiMamba.Diagnostics;
using BiMamba.Testing;
using BiMamba.Text;
using Sprache;

namespace BiMamba.Bimb.Tests;

public sealed class LexerTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-12 ; comment", -12)]
    [InlineData("0xFF", 255)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void Integers(string text, long expected) => Assert.Equal(expected, Parse(text, Lexer.Integer));

    [Theory]
    [InlineData("1.5", 1.5)]
    [InlineData("-1e-5", -1e-5)]
    [InlineData("2.5e+3", 2500)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("-inf", double.NegativeInfinity)]
    [InlineData("nan", double.NaN)]
    public void Floats(string text, double expected)
    {
        Assert.Equal(expected, Parse(text, Lexer.Float));
        Assert.Equal(expected, Parse(TextEscapes.Float(expected), Lexer.Float));
        Assert.Null(Parse(text, Lexer.Integer.Select(value => (object)value), failed: true));
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("1")]
    [InlineData("1.5.2")]
    [InlineData("infinite")]
    public void No_floats(string text) => Parse(text, Lexer.Float, failed: true);

    [Theory]
    [InlineData("a\"b\\c\n\r\t\u0001\u00e9\ud83d\ude00 ; no comment")]
    [InlineData("")]
    public void Quoted_text_comes_back(string text) => Assert.Equal(text, Parse(TextEscapes.Quote(text), Lexer.QuotedString));

    [Fact]
    public void Names()
    {
        Assert.Equal("d_model", Parse("d_model", Lexer.Identifier));
        Assert.Equal("fold-fbi", Parse("fold-fbi", Lexer.KebabName));
        Assert.Equal("layers.0.in-proj.weight", Parse("layers.0.in-proj.weight", Lexer.DottedName));
        Assert.Equal("layers.0.weight", Parse("@layers.0.weight", Lexer.SigilName('@')));
        Assert.Equal("odd name", Parse("@\"odd name\"", Lexer.SigilName('@')));
        Parse("fold-fbi", Lexer.Keyword("fold"), failed: true);
        Parse("==", Lexer.Symbol("="), failed: true);
        Parse("@ x", Lexer.SigilName('@'), failed: true);
    }

    [Fact]
    public void The_furthest_failure_is_reported_across_alternatives()
    {
        var pair = from key in Lexer.Identifier from assign in Lexer.Symbol("=") from value in Lexer.Integer select key;
        var grammar = from open in Lexer.Symbol("{") from items in Lexer.Separated(pair) from close in Lexer.Symbol("}") select items;
        var diagnostics = new DiagnosticBag();
        Assert.False(SyntaxParser.TryParse(new SourceText("pipeline", "{a = 1,\n  b = x}"), grammar, diagnostics, out _));
        Assert.Equal("error BIM0001: pipeline:2:7: expected an integer, found 'x'\n      b = x}\n          ^", Assert.Single(diagnostics.Items).ToString());
    }

    [Fact]
    public void Line_ends_are_blanks_or_tokens()
    {
        var two = from first in Lexer.Identifier from second in Lexer.Identifier select second;
        var lines = from first in Lexer.Identifier from end in Lexer.LineBreak from second in Lexer.Identifier select second;
        Assert.True(SyntaxParser.TryParse(new SourceText("t", "; c\na ; c\n\nb"), two, new DiagnosticBag(), out _));
        Assert.False(SyntaxParser.TryParse(new SourceText("t", "a\nb"), two, new DiagnosticBag(), out _, NewLines.Significant));
        Assert.True(SyntaxParser.TryParse(new SourceText("t", "; c\na ; c\r\n\n  ; d\n b"), lines, new DiagnosticBag(), out _, NewLines.Significant));
    }

    [Fact]
    public void Text_files_must_be_utf8_and_exist()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["bad"], [0xff, 0xfe]);
        File.WriteAllBytes(folder["bom"], [0xef, 0xbb, 0xbf, (byte)'x']);
        using (var large = File.Create(folder["large"]))
            large.SetLength(SourceText.MaxFileBytes + 1);
        var diagnostics = new DiagnosticBag();
        Assert.Null(SourceText.Load(folder["bad"], diagnostics));
        Assert.Null(SourceText.Load(folder["none"], diagnostics));
        Assert.Null(SourceText.Load(folder["large"], diagnostics));
        Assert.Equal("x", SourceText.Load(folder["bom"], diagnostics)!.Content);
        Assert.Equal(["BIM0002", "BIM1001", "BIM0003"], diagnostics.Items.Select(item => item.Id));
    }

    [Theory]
    [InlineData("inf-x")]
    [InlineData("nan-1")]
    [InlineData("infinity")]
    public void A_word_that_begins_as_a_number_is_a_word(string word)
    {
        Parse(word, Lexer.Float, failed: true);
        Assert.Equal(word, Parse(word, Lexer.KebabName));
    }

    [Fact]
    public void Text_is_read_from_a_pipe_and_a_folder_is_no_text()
    {
        using var folder = new TemporaryFolder();
        using var writer = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        using var reader = new System.IO.Pipes.AnonymousPipeClientStream(System.IO.Pipes.PipeDirection.In, writer.GetClientHandleAsString());
        writer.Write("some text"u8);
        writer.Dispose();
        var diagnostics = new DiagnosticBag();
        Assert.Equal("some text", SourceText.Read("pipe", reader, diagnostics)!.Content);
        Directory.CreateDirectory(folder["text"]);
        Assert.Null(SourceText.Load(folder["text"], diagnostics));
        var error = Assert.Single(diagnostics.Items);
        Assert.Equal(("BIM1002", "expected a file, found a folder"), (error.Id, error.Message));
    }

    [Fact]
    public void Errors_in_the_value_of_a_directive_stand_at_their_place_in_the_text()
    {
        var text = new SourceText("t", "; a note\n;  key:  one ! two  \nbody");
        var diagnostics = new DiagnosticBag();
        Assert.False(SyntaxParser.TryParse(text.Value(TextDirectives.Read(text).Find("key")!), Lexer.KebabName, diagnostics, out _));
        Assert.Equal("error BIM0001: t:2:14: expected the end of the text, found '!'\n    ;  key:  one ! two  \n                 ^", diagnostics.Items.Single().ToString());
    }

    [Fact]
    public void Long_lines_are_shown_around_the_caret()
    {
        var text = new SourceText("t", new string('a', 500) + "!" + new string('b', 500));
        var lines = text.Excerpt(500).Split('\n');
        Assert.Equal('!', lines[0][lines[1].IndexOf('^', StringComparison.Ordinal)]);
        Assert.True(lines[0].Length < 200);
    }

    private static T? Parse<T>(string text, Parser<T> parser, bool failed = false)
    {
        var diagnostics = new DiagnosticBag();
        var parsed = SyntaxParser.TryParse(new SourceText("t", text), parser, diagnostics, out var value);
        Assert.True(parsed != failed, string.Join('\n', diagnostics.Items));
        return value;
    }
}
