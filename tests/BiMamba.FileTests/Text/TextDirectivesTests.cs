using BiMamba.Text;

namespace BiMamba.FileTests.Text;

/// <summary>Directives are the comment lines <c>; key: value</c> before anything else.</summary>
public sealed class TextDirectivesTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("; pipeline: a | b\nmodule @m", "pipeline=a | b@2/12", 18)]
    [InlineData(";pipeline:a", "pipeline=a@1/10", 11)]
    [InlineData("\n  ;\tkey-2 :x\n ; key-2:  x; y : z  \r\nword ; key: no\n; key: no\n", "key-2=x; y : z@17/25", 37)]
    [InlineData("; A sentence: no key.\n; note\n; empty:\n", "empty=@31/37", 38)]
    [InlineData("; : no\n; 2x: no\n; a.b: no\n;", "", 27)]
    [InlineData("; twice: 1\n; twice: 2\n", "twice=1@2/9, twice=2@13/20", 22)]
    public void Leading_comment_lines_with_a_key_are_directives(string text, string expected, int end)
    {
        var directives = TextDirectives.Read(new SourceText("x", text));
        Assert.Equal(expected, string.Join(", ", directives.Select(item => $"{item.Key}={item.Value}@{item.Position}/{item.ValuePosition}")));
        Assert.Equal(end, directives.End);
    }

    [Fact]
    public void The_first_of_a_key_is_found()
    {
        var directives = TextDirectives.Read(new SourceText("x", "; twice: 1\n; twice: 2\n; other: 3\n"));
        Assert.Equal(["1", "3", null], new[] { "twice", "other", "Twice" }.Select(key => directives.Find(key)?.Value));
    }
}
