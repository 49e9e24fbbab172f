using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Testing;
using BiMamba.Tokenizers;

namespace BiMamba.Evaluation.Tests;

/// <summary>Rows of corpora and how they are joined.</summary>
public sealed class JoinTests : IDisposable
{
    private const string Raw = " \n = A = \n \n b b \nc";
    private const string Lines = "{\"text\": \"a b\"}\n\n{\"id\": 1, \"page\": \"c\\n\"}\r\n{\"sentence\": \"\"}";

    private readonly TemporaryFolder folder = new();
    private readonly DiagnosticBag bag = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("none", "raw.txt", Raw)]
    [InlineData("wikitext2", "raw.txt", "\n\n = A = \n\n\n\n\n b b \n\n\nc")]
    [InlineData("ptb", "raw.txt", " = A =  b b c")]
    [InlineData("ptb-newlines", "raw.txt", "\n\n= A =\n\n\n\nb b\n\nc")]
    [InlineData("none", "lines.jsonl", "a b\n\nc\n\n\n")]
    [InlineData("c4", "lines.jsonl", "a b c\n ")]
    public void Rows_become_one_text(string rule, string file, string expected)
    {
        var corpus = Read(file, file == "raw.txt" ? Raw : Lines, new CorpusOptions { Join = Rule(rule) })!;
        Assert.Equal(expected, Text(corpus, new CorpusDocument(0, corpus.Ids.Length)));
        Assert.Equal(expected.Length, corpus.TextBytes);
        Assert.Equal(rule, corpus.Join);
        Assert.Single(corpus.Documents);
    }

    [Fact]
    public void Only_the_first_rows_are_taken()
    {
        var text = string.Concat(Enumerable.Range(0, 1200).Select(i => $"{{\"text\": \"{i % 10}\"}}\n"));
        Assert.Equal((2 * 1100) - 1, Read("many.jsonl", text, new CorpusOptions { Join = Rule("c4") })!.Ids.Length);
        Assert.Equal(256, Rule("c4").MaxWindows);
    }

    [Fact]
    public void Documents_are_tokenized_by_themselves()
    {
        var corpus = Read("lines.jsonl", Lines, new CorpusOptions(IsByDocument: true, Prefix: 7))!;
        Assert.Equal(["a b", "c\n", ""], corpus.Documents.Select(document => Text(corpus, document)));
        Assert.Equal(5, corpus.TextBytes);
        Assert.Equal(7, corpus.Prefix);
        Assert.Equal(2 + 2 + 1, corpus.Words);
        Assert.Equal([new CorpusDocument(0, 3)], Read("raw.txt", "abc", new CorpusOptions(IsByDocument: true))!.Documents);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("a", 1)]
    [InlineData("a b", 2)]
    [InlineData(" a \n\t b ", 4)]
    [InlineData("a\u00a0b\u2003c\u001dd", 4)]
    public void Words_are_counted_as_a_split_at_white_space_counts_them(string text, long words) =>
        Assert.Equal(words, Read("words.txt", text, new CorpusOptions(IsByDocument: true))!.Words);

    [Theory]
    [InlineData("{\"text\": \"a\"}\n[1]\n", "line 2")]
    [InlineData("{\"text\": 1}", "line 1")]
    [InlineData("{}", "found none")]
    [InlineData("\n{\"text\": \"a\"", "line 2")]
    [InlineData("{\"text\": \"\\ud800\"}", "line 1")]
    [InlineData("text", "line 1")]
    public void A_line_that_is_no_document_is_refused(string text, string part)
    {
        Assert.Null(Read("bad.jsonl", text, new CorpusOptions()));
        var error = Assert.Single(bag.Items);
        Assert.Same(RuntimeDiagnostics.CorpusForm, error.Descriptor);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal(4, (int)bag.ExitCode);
    }

    [Fact]
    public void Documents_are_not_found_in_a_plain_text()
    {
        Assert.Null(Read("plain.txt", "a", new CorpusOptions { Join = Rule("c4") }));
        Assert.Same(RuntimeDiagnostics.CorpusForm, Assert.Single(bag.Items).Descriptor);
    }

    [Fact]
    public void Bare_integers_are_as_wide_as_the_vocabulary()
    {
        Assert.Equal([1, 258], TokenIdFile.Parse("a.bin", [1, 0, 2, 1], 65_536, bag)!);
        Assert.Equal([16_908_289], TokenIdFile.Parse("a.BIN", [1, 0, 2, 1], 65_537, bag)!);
        Assert.Empty(bag.Items);
        Assert.Null(TokenIdFile.Parse("a.bin", [1, 0, 2], 256, bag));
        Assert.Same(RuntimeDiagnostics.TokenFile, Assert.Single(bag.Items).Descriptor);
    }

    [Fact]
    public void The_table_of_rules_has_one_row_a_name() =>
        Assert.Equal(JoinRule.All.Length, JoinRule.All.Select(rule => rule.Name).Distinct().Count());

    private static JoinRule Rule(string name) => JoinRule.All.Single(rule => rule.Name == name);

    private static string Text(Corpus corpus, CorpusDocument document) =>
        Encoding.UTF8.GetString([.. corpus.Ids.Skip(document.First).Take(document.Count).Select(id => (byte)id)]);

    private Corpus? Read(string name, string text, CorpusOptions options)
    {
        File.WriteAllText(folder[name], text);
        return CorpusReader.Read(folder[name], new BytesTokenizer(), 256, options, bag, TestContext.Current.CancellationToken);
    }
}
