using System.Text.Json;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>bimambac sensitivity, and convert with a size as its target.</summary>
public sealed class SensitivityTests : IDisposable
{
    private const int Layers = 6;
    private const int Model = 192;
    private const int Inner = 384;

    private static readonly string[] Short = ["--text", Workplace.Text, "--context", "128", "--max-windows", "2"];

    private readonly Workplace place = new();

    [Fact]
    public async Task Every_part_is_measured_in_every_precision()
    {
        var result = await Measure("--bits", "4,2,8");
        Assert.Equal(1, result.GetProperty("schemaVersion").GetInt32());
        Assert.StartsWith("rtn{bits=4, ", result.GetProperty("method").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, result.GetProperty("allocation").ValueKind);
        var parts = result.GetProperty("parts").EnumerateArray().ToList();
        Assert.Equal(["in_proj[z]", "in_proj[x]", "in_proj[B]", "in_proj[C]", "in_proj[dt]", "out_proj"], parts.Select(Name));
        Assert.Equal(
            ((long[])[Inner, Inner, 64, 64, 6, Inner]).Select(rows => rows * Model * Layers),
            parts.Select(part => part.GetProperty("weights").GetInt64()));
        foreach (var part in parts)
        {
            Assert.Equal(2 * part.GetProperty("weights").GetInt64(), part.GetProperty("bytes").GetInt64());
            var choices = part.GetProperty("choices").EnumerateArray().ToList();
            Assert.Equal([2, 4, 8], choices.Select(choice => choice.GetProperty("bits").GetInt32()));
            Assert.All(choices, choice => CheckChoice(part, choice));
            Assert.True(Kl(choices[0]) > Kl(choices[1]) && Kl(choices[1]) > Kl(choices[2]));
        }
    }

    [Fact]
    public async Task Results_do_not_depend_on_threads()
    {
        var (one, two) = (await Run(["--bits", "3", "--json", "--threads", "1"]), await Run(["--bits", "3", "--json", "--threads", "2"]));
        Assert.Equal(one.Output, two.Output);
    }

    [Fact]
    public async Task The_table_stands_in_the_order_of_the_model()
    {
        var outcome = await Run(["--bits", "2,4", "--target-bpw", "4"]);
        var rows = outcome.Output.Split('\n').Where(line => line.Contains("_proj", StringComparison.Ordinal) && line.Contains(" % ", StringComparison.Ordinal)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]);
        Assert.Equal(
            ["in_proj[z] 2", "in_proj[z] 4", "in_proj[x] 2", "in_proj[x] 4", "in_proj[B] 2", "in_proj[B] 4", "in_proj[C] 2", "in_proj[C] 4", "in_proj[dt] 2", "in_proj[dt] 4", "out_proj 2", "out_proj 4"],
            rows.Select(row => string.Join(' ', row)));
        Assert.Contains("at most 4 bits a weight: in_proj[z] ", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_without_a_choice_of_bits_is_one_row_a_part()
    {
        var result = await Measure("--method", "ternary");
        Assert.All(result.GetProperty("parts").EnumerateArray(), part =>
            Assert.Equal(JsonValueKind.Null, Assert.Single(part.GetProperty("choices").EnumerateArray()).GetProperty("bits").ValueKind));
    }

    [Fact]
    public async Task A_method_that_looks_at_activations_gets_its_text()
    {
        string[] flags = ["--calibration", Workplace.Text, "--nsamples", "2", "--seqlen", "64"];
        var (gptq, rtn) = (await Measure(["--method", "gptq{group=64}", "--bits", "3", .. flags]), await Measure("--method", "rtn{group=64}", "--bits", "3"));
        Assert.Equal(2, gptq.GetProperty("calibration").GetProperty("samples").GetInt32());
        Assert.NotEqual(Kl(gptq.GetProperty("parts")[0].GetProperty("choices")[0]), Kl(rtn.GetProperty("parts")[0].GetProperty("choices")[0]));
        Assert.Equal(
            rtn.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("choices")[0].GetProperty("storedBytes").GetInt64()),
            gptq.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("choices")[0].GetProperty("storedBytes").GetInt64()));
    }

    [Theory]
    [InlineData("BIM7001", "--bits: expected a number from 2 to 8, found 9", "--bits", "2,9")]
    [InlineData("BIM7001", "--bits: expected whole numbers such as 2,3,4, found '2;3'", "--bits", "2;3")]
    [InlineData("BIM7001", "--target-bpw: expected a number above 0 up to 32, such as 3.5, found '0'", "--target-bpw", "0")]
    [InlineData("BIM7001", "--method: expected one low-bit pass, found 'pack'", "--method", "pack")]
    [InlineData("BIM3002", "there is no pass 'rnt'", "--method", "rnt")]
    [InlineData("BIM7002", "--bits goes with a pass that has a choice of bits, and ternary has none", "--method", "ternary", "--bits", "2")]
    [InlineData("BIM7002", "--target-bpw goes with a pass that has a choice of bits, and xnor has none", "--method", "xnor", "--target-bpw", "2")]
    [InlineData("BIM7002", "--nsamples, --seqlen and --seed go with --calibration", "--nsamples", "2")]
    [InlineData("BIM2112", "'gptq' looks at activations", "--method", "gptq", "--bits", "4")]
    [InlineData("BIM7008", "expected at least 4.", "--bits", "4,8", "--target-bpw", "4")]
    public async Task What_makes_no_sense_is_refused(string id, string mention, params string[] args) =>
        await place.Fails(ExitCode.Usage, id, [mention], ["sensitivity", Workplace.Mamba2, .. Short, "-q", .. args]);

    [Fact]
    public async Task Only_full_precision_has_something_to_lose() =>
        await place.Fails(ExitCode.Usage, "BIM7004", ["level fbi"], ["sensitivity", Workplace.BiMamba, .. Short]);

    /// <summary>The rules are part of the pipeline: the file is made again from it, without a measurement.</summary>
    [Fact]
    public async Task A_size_as_the_target_gives_rules_that_stand_in_the_recipe()
    {
        var size = JsonDocument.Parse((await Convert("sized.bimb", "--method", "rtn", "--target-bpw", "3.5", "--validate", Workplace.Text, "--context", "128", "--max-windows", "1", "--json")).Output).RootElement;
        var pipeline = size.GetProperty("pipeline").GetString()!;
        Assert.Matches("rules=\\[\"in_proj\\[z\\]:bits=[2348]\", .*\"out_proj:bits=[2348]\"\\]", pipeline);
        Assert.InRange(size.GetProperty("bitsPerWeight").GetProperty("binarizedLinears").GetDouble(), 2, 3.5);
        await Convert("again.bimb", "--pipeline", pipeline);
        Assert.Equal(await File.ReadAllBytesAsync(place["sized.bimb"], TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(place["again.bimb"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_saved_measurement_stands_for_a_text()
    {
        var saved = place.Write("saved.json", (await Run(["--bits", "2,4,8", "--json"])).Output);
        var outcome = await Convert("a.bimb", "--method", "gptq", "--target-bpw", "5", "--sensitivity", saved, "--calibration", Workplace.Text, "--nsamples", "2", "--seqlen", "64");
        Assert.Contains("at most 5 bits a weight: in_proj[z] ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("gptq{bits=4, ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("out_proj:bits=", outcome.Output, StringComparison.Ordinal);
        await place.ConvertFails(ExitCode.Usage, "BIM7008", "--target-bpw", Workplace.Mamba2, "--method", "rtn", "--target-bpw", "2", "--sensitivity", saved);
        var other = place.Write("other.json", (await File.ReadAllTextAsync(saved, TestContext.Current.CancellationToken)).Replace("out_proj", "up_proj", StringComparison.Ordinal));
        await place.ConvertFails(ExitCode.Usage, "BIM7004", "up_proj", Workplace.Mamba2, "--method", "rtn", "--target-bpw", "4", "--sensitivity", other);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"schemaVersion\": 2}")]
    [InlineData("{\"schemaVersion\": 1}")]
    [InlineData("{\"schemaVersion\": 1, \"parts\": [null]}")]
    [InlineData("{\"schemaVersion\": 1, \"parts\": [{\"part\": \"a\", \"weights\": 1, \"choices\": [null]}]}")]
    [InlineData("{\"schemaVersion\": 1, \"parts\": [{\"part\": \"a\", \"weights\": 1, \"choices\": []}]}")]
    [InlineData("{\"schemaVersion\": 1, \"parts\": [{\"part\": \"a\", \"weights\": 1, \"choices\": [{\"bits\": 2, \"storedBytes\": 1, \"kl\": -1}]}]}")]
    [InlineData("{\"schemaVersion\": 1, \"parts\": [{\"part\": \"a\", \"weights\": 1, \"choices\": [{\"storedBytes\": 1, \"kl\": 1}]}]}")]
    public async Task A_file_that_is_no_measurement_is_refused(string text) =>
        await place.ConvertFails(ExitCode.Malformed, "BIM7009", "what bimambac sensitivity --json writes", Workplace.Mamba2, "--method", "rtn", "--target-bpw", "4", "--sensitivity", place.Write("bad.json", text));

    [Theory]
    [InlineData("--sensitivity goes with --target-bpw", "--method", "rtn", "--sensitivity", "x.json")]
    [InlineData("--target-bpw goes with --method rtn or gptq", "--target-bpw", "4")]
    [InlineData("--target-bpw goes with --method rtn or gptq", "--target-bpw", "4", "--method", "ternary")]
    [InlineData("does not go with --keep or --rule", "--target-bpw", "4", "--method", "rtn", "--keep", "in_proj[dt]", "--validate")]
    [InlineData("no text to measure on", "--target-bpw", "4", "--method", "rtn")]
    public async Task A_target_needs_a_method_and_a_text(string mention, params string[] args) =>
        await place.ConvertFails(ExitCode.Usage, "BIM7002", mention, [Workplace.Mamba2, .. args, .. args[^1] == "--validate" ? (string[])[Workplace.Text] : []]);

    public void Dispose() => place.Dispose();

    private static string Name(JsonElement part) => part.GetProperty("part").GetString()!;

    private static double Kl(JsonElement choice) => choice.GetProperty("kl").GetDouble();

    private static void CheckChoice(JsonElement part, JsonElement choice)
    {
        var (weights, stored) = (part.GetProperty("weights").GetInt64(), choice.GetProperty("storedBytes").GetInt64());
        Assert.Equal(part.GetProperty("bytes").GetInt64() - stored, choice.GetProperty("savedBytes").GetInt64());
        Assert.Equal(8.0 * stored / weights, choice.GetProperty("bitsPerWeight").GetDouble(), 1e-12);

        // A scale and a zero of 16 bits at least for every row, which has at least 192 weights; 6 rows are padded to 16.
        var bits = choice.GetProperty("bits").GetInt32();
        Assert.InRange(choice.GetProperty("bitsPerWeight").GetDouble(), bits, Name(part) == "in_proj[dt]" ? (bits * 16.0 / 6) + 1 : bits + 0.5);
        var windows = choice.GetProperty("windowKl").EnumerateArray().Select(value => value.GetDouble()).ToList();
        Assert.Equal(windows.Average(), Kl(choice), 1e-15);
        Assert.Equal(Math.Abs(windows[0] - windows[1]) / 2, choice.GetProperty("klStandardError").GetDouble(), 1e-12);
        Assert.InRange(choice.GetProperty("topAgreement").GetDouble(), 0.3, 1);
    }

    private static async Task<JsonElement> Measure(params string[] args) => JsonDocument.Parse((await Run([.. args, "--json"])).Output).RootElement;

    private static async Task<Outcome> Run(string[] args) => (await Cli.Run(["sensitivity", Workplace.Mamba2, .. Short, .. args])).Is(ExitCode.Ok);

    private async Task<Outcome> Convert(string name, params string[] args) => (await Cli.Run(["convert", Workplace.Mamba2, "-o", place[name], .. args])).Is(ExitCode.Ok);
}
