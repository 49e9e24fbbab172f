using BiMamba.CommandLine.Cards;

namespace BiMamba.CommandLine.Tests;

public sealed class CardTextTests
{
    [Theory]
    [InlineData("tiny.bimb", "tiny.bimb")]
    [InlineData("a|b", "a\\|b")]
    [InlineData("*x* [y](z) <b> `c` #d e_f", "\\*x\\* \\[y\\](z) \\<b\\> \\`c\\` \\#d e\\_f")]
    [InlineData("a\nb\tc\\", "a\\\\nb\\\\tc\\\\")]
    [InlineData("\u202e\u0001", "\\\\u202E\\\\u0001")]
    [InlineData("größe 😀", "größe 😀")]
    public void Markdown_of_foreign_text_is_text(string text, string expected) => Assert.Equal(expected, CardText.Markdown(text));

    [Theory]
    [InlineData("a: b # c", "\"a: b # c\"")]
    [InlineData("say \"x\\y\"", "\"say \\\"x\\\\y\\\"\"")]
    [InlineData("a\r\nb\u2028", "\"a\\r\\nb\\u2028\"")]
    [InlineData("\U000e0001", "\"\\U000E0001\"")]
    public void Yaml_is_one_quoted_line(string text, string expected) => Assert.Equal(expected, CardText.Yaml(text));

    [Theory]
    [InlineData("tiny-1.bimb", "tiny-1.bimb")]
    [InlineData("-x.bimb", "'-x.bimb'")]
    [InlineData("it's $HOME.bimb", "'it'\\''s $HOME.bimb'")]
    [InlineData("a\nrm", "'a?rm'")]
    public void A_file_name_is_one_word_of_a_shell(string text, string expected) => Assert.Equal(expected, CardText.Shell(text));

    [Theory]
    [InlineData(1.5, "1.5", "1.5")]
    [InlineData(1234567.1234567, "1234567.123457", "1234567.123457")]
    [InlineData(double.NaN, "not a number", ".nan")]
    [InlineData(double.PositiveInfinity, "infinite", ".inf")]
    public void Numbers_have_six_decimals_at_most(double value, string text, string yaml)
    {
        Assert.Equal(text, CardText.Number(value));
        Assert.Equal(yaml, CardText.YamlNumber(value));
    }
}
