using System.Globalization;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>tokenize against the ids of the reference library.</summary>
public sealed class TokenizeTests : IDisposable
{
    private const int Step = 3;
    private readonly Workplace place = new();

    [Fact]
    public async Task Books8k_ids_are_those_of_the_reference()
    {
        var tokenizer = Repository.RequireShared("tokenizers", "books8k.tokenizer.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.RequireShared("tokenizers", "books8k.cases.json")));
        var cases = document.RootElement.GetProperty("cases").EnumerateArray().ToArray();
        var tried = 0;
        for (var i = 0; i < cases.Length; i += Step, tried++)
        {
            var text = place.Write("text.txt", cases[i].GetProperty("text").GetString()!);
            var expected = cases[i].GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            var json = (await Cli.Run("tokenize", tokenizer, "--text", text, "--json")).Is(ExitCode.Ok);
            using var result = JsonDocument.Parse(json.Output);
            Assert.Equal(expected, result.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray());
            Assert.Equal(expected.Length, result.RootElement.GetProperty("count").GetInt32());
            var plain = (await Cli.Run("tokenize", tokenizer, "--text", text)).Is(ExitCode.Ok);
            Assert.Equal(string.Join(',', expected.Select(id => id.ToString(CultureInfo.InvariantCulture))) + "\n", plain.Output);
        }

        Assert.True(tried >= 5, $"{tried} cases");
    }

    [Theory]
    [InlineData("bytes")]
    [InlineData("tiny-bimamba-official")]
    [InlineData("tiny.bimb")]
    public async Task Bytes_are_ids(string source)
    {
        source = source switch
        {
            "bytes" => source,
            "tiny.bimb" => await place.Bimb(),
            _ => Repository.Golden("models", source),
        };
        // Not UTF-8 on purpose: bytes are bytes.
        var text = place.Write("text.bin", [0, 10, 255, 128, 65]);
        Assert.Equal("0,10,255,128,65\n", (await Cli.Run("tokenize", source, "--text", text)).Is(ExitCode.Ok).Output);
        Assert.Equal("\n", (await Cli.Run("tokenize", source, "--text", place.Write("empty.txt", ""))).Is(ExitCode.Ok).Output);
    }

    [Fact]
    public async Task A_text_is_evaluated_by_its_printed_ids()
    {
        var ids = (await Cli.Run("tokenize", "bytes", "--text", Workplace.Text)).Is(ExitCode.Ok).Output;
        string[] rest = ["--context", "64", "--max-windows", "2", "--json"];
        var byIds = (await Cli.Run(["eval", Workplace.BiMamba, "--text", place.Write("text.ids", ids), .. rest])).Is(ExitCode.Ok);
        var byText = (await Cli.Run(["eval", Workplace.BiMamba, "--text", Workplace.Text, .. rest])).Is(ExitCode.Ok);
        using var first = JsonDocument.Parse(byIds.Output);
        using var second = JsonDocument.Parse(byText.Output);
        Assert.Equal(second.RootElement.GetProperty("perplexity").GetDouble(), first.RootElement.GetProperty("perplexity").GetDouble());
        Assert.Equal(JsonValueKind.Null, first.RootElement.GetProperty("bitsPerByte").ValueKind);
    }

    [Fact]
    public async Task A_tokenizer_file_is_broken() =>
        await place.Fails(ExitCode.Malformed, "BIM1402", ["broken.json"], "tokenize", place.Write("broken.json", "{"), "--text", Workplace.Text);

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();
}
