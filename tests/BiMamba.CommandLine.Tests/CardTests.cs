using System.Security.Cryptography;
using System.Text.Json;
using BiMamba.Comparison.Results;
using BiMamba.Diagnostics;
using BiMamba.Tokenizers;

namespace BiMamba.CommandLine.Tests;

/// <summary>bimambac card: what it says comes from the file and its results, and from nothing else.</summary>
public sealed class CardTests : IDisposable
{
    private const string Pipeline = "fold-fbi{fidelity=latent} | pack{word=64}";
    private static readonly string[] Eval = ["--text", Workplace.Text, "--context", "128", "--max-windows", "2", "--json"];

    private readonly Workplace place = new();

    [Fact]
    public async Task A_card_has_the_figures_of_inspect_and_the_hash_of_the_file()
    {
        var bimb = await place.Bimb();
        var card = (await Cli.Run("card", bimb)).Is(ExitCode.Ok).Output;
        var inspect = JsonDocument.Parse((await Cli.Run("inspect", bimb, "--json")).Is(ExitCode.Ok).Output).RootElement;
        Assert.StartsWith("---\nlibrary_name: bimambac\ntags:\n- ssm\n- bimb\n- mamba2\n- bi-mamba\n- 1-bit\n- quantized\n---\n\n# tiny\n", card, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(bimb))), card, StringComparison.Ordinal);
        foreach (var (key, name) in ((string, string)[])[("planesAlone", "signs or codes alone"), ("binarizedLinears", "the low-bit linears with all that is stored beside them"), ("allTensors", "all tensors"), ("wholeFile", "the whole file")])
            Assert.Contains(FormattableString.Invariant($"| {name} | {inspect.GetProperty("bitsPerWeight").GetProperty(key).GetDouble():0.000} |\n"), card, StringComparison.Ordinal);
        foreach (var row in inspect.GetProperty("ledger").EnumerateArray())
            Assert.Contains($"| {row.GetProperty("kind")} | {row.GetProperty("bytes")} |", card, StringComparison.Ordinal);
        foreach (var source in inspect.GetProperty("recipe").GetProperty("sources").EnumerateArray())
            Assert.Contains($" | {source.GetProperty("bytes")} | {source.GetProperty("sha256")} |\n", card, StringComparison.Ordinal);
        Assert.All((string[])["| n\\_layer | 6 |", "| d\\_inner | 384 |", "| heads | 6 of 64 |", "| state size | 64 |", "| head | tied to the embedding |", "| sign\\_linear | 12 projections |", "No results are given."], line =>
            Assert.Contains(line, card, StringComparison.Ordinal));
        Assert.DoesNotContain("model-index", card, StringComparison.Ordinal);
        Assert.DoesNotContain("base_model", card, StringComparison.Ordinal);
        Assert.Equal(card, (await Cli.Run("card", bimb)).Output);
    }

    [Fact]
    public async Task Measured_results_stand_with_all_that_they_depend_on()
    {
        var bimb = await place.Bimb();
        var eval = (await Cli.Run(["eval", bimb, .. Eval])).Is(ExitCode.Ok).Output;
        var bench = (await Cli.Run("bench", bimb, "--prompt", "8", "--generate", "2", "--repeat", "1", "--probe", "1", "--json")).Is(ExitCode.Ok).Output;
        var outcome = (await Cli.Run("card", bimb, "--results", place.Write("eval.json", eval), place.Write("bench.json", bench))).Is(ExitCode.Ok);
        Assert.Equal("", outcome.Error);
        var result = JsonDocument.Parse(eval).RootElement;
        foreach (var name in (string[])["corpus", "corpusSha256", "protocol", "context", "windows", "tokens", "tokenizer", "tokenizerSha256", "engine", "state"])
            Assert.Contains($" | {result.GetProperty(name)} | ", outcome.Output, StringComparison.Ordinal);
        var perplexity = FormattableString.Invariant($"{result.GetProperty("perplexity").GetDouble():0.######}");
        Assert.Contains($" | {perplexity} | ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"\n    - type: perplexity\n      name: \"perplexity a token (gptq, context 128, 2 windows, engine fast)\"\n      value: {perplexity}\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("### Speed\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("decode, tokens a second", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_of_a_comparison_is_found_by_its_pipeline_or_its_name()
    {
        var bimb = await place.Bimb();
        var versus = new VersusReference(null, 0.25, 0.01, 0.75, new Interval(0.1, 0.05, 0.15), null, []);
        var own = await Card(bimb, Row("a", "checkpoint", Pipeline, 1, versus), Row("fp16", "checkpoint", null, 5, null));
        Assert.Contains("### Comparison\n", own, StringComparison.Ordinal);
        Assert.Contains(" | fp16 | 0.25 | 75 % | 0.1 (0.05 to 0.15) |\n", own, StringComparison.Ordinal);
        var refused = await Card(bimb, Row("a", "tiny.bimb", null, new FileInfo(bimb).Length, versus with { Refusal = "another tokenizer" }));
        Assert.Contains(" | fp16: another tokenizer | ", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_comparison_without_the_file_is_refused()
    {
        var bimb = await place.Bimb();
        await place.Fails(ExitCode.Malformed, "BIM7020", ["expected one row of tiny.bimb", "found 0"], "card", bimb, "--results", Compare(Row("a", "tiny.bimb", null, 5, null)));
        await place.Fails(ExitCode.Malformed, "BIM7020", ["found 2"], "card", bimb, "--results", Compare(Row("a", "x", Pipeline, 5, null), Row("b", "x", Pipeline, 5, null)));
        await place.Fails(ExitCode.Usage, "BIM7021", ["sha256 " + new string('c', 64)], "card", bimb, "--results", Compare(Row("a", "x", Pipeline, 5, null, new string('c', 64))));
    }

    [Theory]
    [InlineData("{", "expected what eval, tasks, compare or bench write")]
    [InlineData("[1]", "the document: expected an object, found a list")]
    [InlineData("{\"\\ud800\": 1}", "a string holds half of a surrogate pair")]
    [InlineData("{}", "schemaVersion: expected a whole number, found nothing")]
    [InlineData("{\"schemaVersion\": 2, \"perplexity\": 1}", "schemaVersion: expected 1, found 2")]
    [InlineData("{\"schemaVersion\": 1, \"ids\": []}", "no perplexity, rows, tasks or bytes stand beside it")]
    [InlineData("{\"schemaVersion\": 1, \"perplexity\": 1, \"corpusSha256\": \"ab\"}", "model: expected a text, found nothing")]
    [InlineData("{\"schemaVersion\": 1, \"tasks\": [3], \"model\": \"m\"}", "tokenizer: expected a text, found nothing")]
    [InlineData("{\"schemaVersion\": 1, \"bytes\": {}, \"threads\": 1, \"file\": \"m\", \"measured\": null}", "measured: expected an object, found nothing")]
    public async Task What_is_no_result_is_refused_with_file_and_reason(string json, string mention)
    {
        var bimb = await place.Bimb();
        await place.Fails(ExitCode.Malformed, "BIM7020", ["odd.json: ", mention], "card", bimb, "--results", place.Write("odd.json", json), "-o", place["README.md"]);
    }

    [Theory]
    [InlineData("corpusSha256", "\"ABC\"", "64 lower-case hexadecimal digits")]
    [InlineData("windows", "-1", "windows: expected a whole number, found a number")]
    [InlineData("engine", "7", "engine: expected a text, found a number")]
    [InlineData("perplexity", "\"much\"", "perplexity: expected a number, found a text")]
    [InlineData("corpus", "\"\\ud800\"", "a string holds half of a surrogate pair")]
    public async Task A_field_that_is_wrong_is_named(string field, string value, string mention)
    {
        var bimb = await place.Bimb();
        await place.Fails(ExitCode.Malformed, "BIM7020", [mention], "card", bimb, "--results", place.Write("eval.json", Perplexity((field, value))));
    }

    [Fact]
    public async Task Another_tokenizer_is_refused_and_another_name_is_told()
    {
        var bimb = await place.Bimb();
        await place.Fails(ExitCode.Usage, "BIM7021", ["eval.json"], "card", bimb, "--results", place.Write("eval.json", Perplexity(("tokenizerSha256", $"\"{new string('d', 64)}\""))));
        var named = (await Cli.Run("card", bimb, "--results", place.Write("eval.json", Perplexity(("model", "\"/models\\\\other.bimb\""))))).Is(ExitCode.Ok);
        Assert.Contains("warning BIM7022: ", named.Error, StringComparison.Ordinal);
        Assert.Contains("| other.bimb | ", named.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_infinite_perplexity_is_one()
    {
        var card = (await Cli.Run("card", await place.Bimb(), "--results", place.Write("eval.json", Perplexity(("perplexity", "\"Infinity\""))))).Is(ExitCode.Ok).Output;
        Assert.Contains(" | infinite | ", card, StringComparison.Ordinal);
        Assert.Contains("value: .inf\n", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_cannot_become_markup()
    {
        var bimb = place["a|b\"\n# c.bimb"];
        File.Move(await place.Bimb(), bimb);
        var card = (await Cli.Run("card", bimb, "--results", place.Write("eval.json", Perplexity(("corpus", "\"x|y\\n---\\n<img>\""))))).Is(ExitCode.Ok).Output;
        var lines = card.Split('\n');
        Assert.Equal(2, lines.Count(line => line == "---"));
        Assert.Contains("- name: \"a|b\\\"\\n# c\"", lines);
        Assert.Contains("# a\\|b\"\\\\n\\# c", lines);
        Assert.Contains("bimambac verify 'a|b\"?# c.bimb'", lines);
        Assert.Contains("      name: \"x|y\\n---\\n<img>\"", lines);
        Assert.Contains(" | x\\|y\\\\n---\\\\n\\<img\\> | ", card, StringComparison.Ordinal);
        var table = lines.SkipWhile(line => line != "### Perplexity").Skip(2).TakeWhile(line => line.Length > 0).ToList();
        Assert.Equal(3, table.Count);
        Assert.Single(table.Select(row => row.Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|')).Distinct());
    }

    [Fact]
    public async Task A_calibration_is_among_the_limitations()
    {
        var bimb = place["q.bimb"];
        (await Cli.Run("convert", Workplace.Mamba2, "-o", bimb, "--pipeline", "gptq{tensors=[\"*layers.0.in_proj*\"]} | pack", "--calibration", Workplace.Text, "--nsamples", "2", "--seqlen", "64", "-q")).Is(ExitCode.Ok);
        var eval = place.Write("eval.json", (await Cli.Run(["eval", bimb, .. Eval])).Is(ExitCode.Ok).Output);
        var card = (await Cli.Run("card", bimb, "--results", eval)).Is(ExitCode.Ok).Output;
        Assert.Contains("| calibration | held-64k.txt, sha256 ", card, StringComparison.Ordinal);
        Assert.Contains(", 2 windows of 64 tokens, seed 0 |", card, StringComparison.Ordinal);
        Assert.Contains("\n- held-64k.txt is the text of the calibration.\n", card, StringComparison.Ordinal);
        Assert.DoesNotContain("- 1-bit", card, StringComparison.Ordinal);
        var other = (await Cli.Run("card", bimb, "--results", place.Write("other.json", Perplexity(("model", "\"q.bimb\""))))).Is(ExitCode.Ok).Output;
        Assert.Contains("\n- How much of text.txt stands in the calibration was not measured.\n", other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_written_whole_and_never_over_another_unasked()
    {
        var bimb = await place.Bimb();
        var eval = place.Write("eval.json", Perplexity());
        var card = (await Cli.Run("card", bimb, "--results", eval)).Is(ExitCode.Ok).Output;
        Assert.Equal($"{place["README.md"]}: written\n", (await Cli.Run("card", bimb, "--results", eval, "-o", place["README.md"])).Is(ExitCode.Ok).Output);
        Assert.Equal(card, File.ReadAllText(place["README.md"]));
        await place.Fails(ExitCode.OutputRefused, "BIM6001", ["README.md"], "card", bimb, "-o", place["README.md"]);
        await place.Fails(ExitCode.OutputRefused, "BIM6003", ["eval.json"], "card", bimb, "--results", eval, "-o", eval, "--force");
        (await Cli.Run("card", bimb, "-o", place["README.md"], "--force")).Is(ExitCode.Ok);
        Assert.NotEqual(card, File.ReadAllText(place["README.md"]));
    }

    [Fact]
    public async Task Only_a_bimb_file_has_a_card()
    {
        await place.Fails(ExitCode.Usage, "BIM7004", ["expected", "convert"], "card", Workplace.Mamba2);
        await place.Fails(ExitCode.InputMissing, "BIM1001", [], "card", place["none.bimb"]);
        await place.Fails(ExitCode.InputMissing, "BIM1001", ["none.json"], "card", await place.Bimb(), "--results", place["none.json"]);
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    /// <summary>What eval --json writes, with some fields replaced.</summary>
    private static string Perplexity(params (string Name, string Value)[] changes)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["schemaVersion"] = "1",
            ["model"] = "\"m/tiny.bimb\"",
            ["perplexity"] = "3.25",
            ["nll"] = "1.25",
            ["bitsPerByte"] = "1.75",
            ["protocol"] = "\"gptq\"",
            ["context"] = "128",
            ["windows"] = "2",
            ["tokens"] = "254",
            ["corpus"] = "\"text.txt\"",
            ["corpusSha256"] = $"\"{new string('a', 64)}\"",
            ["tokenizer"] = "\"bytes\"",
            ["tokenizerSha256"] = $"\"{new BytesTokenizer().Hash}\"",
            ["engine"] = "\"fast\"",
            ["state"] = "\"f32\"",
            ["calibrationOverlap"] = "null",
            ["windowNll"] = "[1, 1.5]",
        };
        foreach (var (name, value) in changes)
            fields[name] = value;
        return "{" + string.Join(", ", fields.Select(field => $"\"{field.Key}\": {field.Value}")) + "}";
    }

    private static ComparisonRow Row(string name, string model, string? method, long bytes, VersusReference? versus, string? tokenizer = null) => new(
        name, model, method, "bat", new ModelSize(100, bytes, null, 4.5), null,
        [new CorpusResult("held", 4, 4092, "bytes", tokenizer ?? new BytesTokenizer().Hash, "reference", 1.5, 4.5, 0.75, versus, [])]);

    private string Compare(params ComparisonRow[] rows) => place.Write("compare.json", JsonSerializer.Serialize(
        new ComparisonReport(ComparisonReport.Schema, "bimambac 1", "title", "fp16", rows, [new ComparisonCorpus("held", "held.txt", new string('b', 64), "gptq", 1024)], []), ReportJson.Default.ComparisonReport));

    private async Task<string> Card(string bimb, params ComparisonRow[] rows) => (await Cli.Run("card", bimb, "--results", Compare(rows))).Is(ExitCode.Ok).Output;
}
