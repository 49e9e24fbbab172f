using System.Security.Cryptography;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Testing;
using BiMamba.Tokenizers;

namespace BiMamba.Evaluation.Tests;

/// <summary>Corpora from files.</summary>
public sealed class CorpusReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DiagnosticBag bag = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_text_is_tokenized_whole()
    {
        var bytes = Encoding.UTF8.GetBytes("né\0\n");
        var tokenizer = new BytesTokenizer();
        var corpus = Read("text.txt", bytes, tokenizer)!;
        Assert.Equal(bytes.Select(b => (int)b), corpus.Ids);
        Assert.Equal(5, corpus.TextBytes);
        Assert.Equal(1, corpus.TokensPerByte);
        Assert.Equal("bytes", corpus.TokenizerKind);
        Assert.Equal(tokenizer.Hash, corpus.TokenizerHash);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), corpus.Sha256);
        Assert.Equal(folder["text.txt"], corpus.Path);
    }

    [Theory]
    [InlineData("ids.ids", "1 2\t3\r\n255\n")]
    [InlineData("ids.ids", "1,2,3,255")]
    [InlineData("ids.json", "[1, 2, 3, 255]")]
    [InlineData("IDS.JSON", "\n[ 1,2,\n3,255 ]\n")]
    public void Ids_are_read_from_text(string name, string text)
    {
        var corpus = Read(name, Encoding.UTF8.GetBytes(text), null)!;
        Assert.Equal([1, 2, 3, 255], corpus.Ids);
        Assert.Null(corpus.TextBytes);
        Assert.Null(corpus.TokensPerByte);
        Assert.Equal("ids", corpus.TokenizerKind);
        Assert.Null(corpus.TokenizerHash);
    }

    [Fact]
    public void Ids_are_read_from_NumPy() =>
        Assert.Equal([1, 2, 255], Read("ids.npy", NumPyBytes.File("<u2", [1, 2, 255]), null)!.Ids);

    [Fact]
    public void A_file_of_ids_ignores_the_tokenizer() =>
        Assert.Equal("ids", Read("a.ids", "65"u8.ToArray(), new BytesTokenizer())!.TokenizerKind);

    [Theory]
    [InlineData("1 -2", "-2", 2)]
    [InlineData("1, 2.5", ".5", 4)]
    [InlineData("1 x", "x", 2)]
    [InlineData(" [[1, 2]]", "[1", 2)]
    [InlineData("[1, 2", "[1", 0)]
    [InlineData("1]", "]", 1)]
    [InlineData("{\"ids\": [1]}", "{\"ids\":", 0)]
    [InlineData("2147483648", "2147483648", 0)]
    [InlineData("7 99999999999", "99999999999", 2)]
    [InlineData("5 null", "null", 2)]
    [InlineData("\u0661", "\u0661", 0)]
    public void Other_text_is_refused(string text, string found, long offset)
    {
        Assert.Null(Read("bad.json", Encoding.UTF8.GetBytes(text), null));
        var error = TheOnly(RuntimeDiagnostics.TokenFile, "BIM5003", 4);
        Assert.EndsWith($"found '{found}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(offset, error.Place.Offset);
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public void A_message_shows_little_and_nothing_that_steers_a_terminal()
    {
        Assert.Null(Read("bad.ids", Encoding.UTF8.GetBytes("\e]0;" + new string('x', 100_000)), null));
        var message = TheOnly(RuntimeDiagnostics.TokenFile, "BIM5003", 4).Message;
        Assert.DoesNotContain('\e', message);
        Assert.InRange(message.Length, 1, 120);
    }

    [Theory]
    [InlineData("[1, 2, 256]", 256, "position 2")]
    [InlineData("300", 300, "position 0")]
    [InlineData("0 2147483647", int.MaxValue, "position 1")]
    public void An_id_outside_the_vocabulary_is_refused(string text, int id, string position)
    {
        Assert.Null(Read("ids.ids", Encoding.UTF8.GetBytes(text), null));
        var error = TheOnly(RuntimeDiagnostics.IdOutsideVocabulary, "BIM5001", 4);
        Assert.Contains($"id {id} at {position}", error.Message, StringComparison.Ordinal);
        Assert.Contains("0 to 255", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_that_gives_more_than_the_model_has_is_refused()
    {
        File.WriteAllText(folder["text.txt"], "ab~");
        Assert.Null(CorpusReader.Read(folder["text.txt"], new BytesTokenizer(), 126, bag, TestContext.Current.CancellationToken));
        TheOnly(RuntimeDiagnostics.IdOutsideVocabulary, "BIM5001", 4);
    }

    [Fact]
    public void A_negative_id_is_outside_every_vocabulary()
    {
        Assert.False(CorpusReader.CheckIds([0, -1], 10, "here", bag));
        TheOnly(RuntimeDiagnostics.IdOutsideVocabulary, "BIM5001", 4);
        Assert.True(CorpusReader.CheckIds([0, 9], 10, "here", new DiagnosticBag()));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        Assert.Null(CorpusReader.Read(folder["none.txt"], new BytesTokenizer(), 256, bag, TestContext.Current.CancellationToken));
        TheOnly(InputDiagnostics.Missing, "BIM1001", 3);
    }

    [Fact]
    public void A_folder_is_no_corpus()
    {
        Assert.Null(CorpusReader.Read(folder.Path, new BytesTokenizer(), 256, bag, TestContext.Current.CancellationToken));
        TheOnly(InputDiagnostics.Unreadable, "BIM1002", 3);
    }

    [Fact]
    public void A_text_needs_a_tokenizer()
    {
        Assert.Null(Read("text.txt", "text"u8.ToArray(), null));
        var error = TheOnly(RuntimeDiagnostics.NoTokenizer, "BIM5004", 2);
        Assert.Contains("--tokenizer", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty.txt", "")]
    [InlineData("empty.ids", "")]
    [InlineData("empty.npy", "")]
    [InlineData("blank.ids", " \n")]
    [InlineData("list.json", "[]")]
    [InlineData("list.json", " [ ] ")]
    public void Nothing_has_no_ids_and_no_window(string name, string text)
    {
        var corpus = Read(name, Encoding.UTF8.GetBytes(text), new BytesTokenizer())!;
        Assert.Empty(corpus.Ids);
        Assert.Empty(bag.Items);
        Assert.Null(WindowPlan.Create(corpus, 2, null, bag));
        TheOnly(RuntimeDiagnostics.TextTooShort, "BIM5002", 8);
    }

    [Fact]
    public void A_file_that_is_too_large_is_refused_before_it_is_read()
    {
        using (var stream = File.Create(folder["large.txt"]))
            stream.SetLength(CorpusReader.MaxBytes + 1);
        Assert.Null(CorpusReader.Read(folder["large.txt"], new BytesTokenizer(), 256, bag, TestContext.Current.CancellationToken));
        Assert.Contains("1073741825", TheOnly(RuntimeDiagnostics.TokenFile, "BIM5003", 4).Message, StringComparison.Ordinal);
    }

    private Corpus? Read(string name, byte[] bytes, Tokenizer? tokenizer)
    {
        File.WriteAllBytes(folder[name], bytes);
        return CorpusReader.Read(folder[name], tokenizer, 256, bag, TestContext.Current.CancellationToken);
    }

    private Diagnostic TheOnly(DiagnosticDescriptor row, string id, int exitCode)
    {
        var error = Assert.Single(bag.Items);
        Assert.Same(row, error.Descriptor);
        Assert.Equal(id, error.Id);
        Assert.Equal(exitCode, (int)bag.ExitCode);
        Assert.NotNull(error.Place.File);
        return error;
    }
}
