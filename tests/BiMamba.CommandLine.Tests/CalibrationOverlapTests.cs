using System.Text.Json;
using System.Text.Json.Nodes;
using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;

namespace BiMamba.CommandLine.Tests;

/// <summary>A text that a model was calibrated on is found when the model is evaluated, and nothing in a recipe breaks that.</summary>
public sealed class CalibrationOverlapTests : IDisposable
{
    private const string Warning = "warning BIM5006: ";

    private const string OtherText =
        "Nothing in these lines was looked at by the method that rounds the weights of the model. They are long enough for a window of "
        + "sixty-four bytes, and for a few more, whatever the perplexity of them may be.";

    private readonly Workplace place = new();

    [Fact]
    public async Task A_model_is_warned_about_on_its_calibration_text_only()
    {
        var model = await Calibrated("a.bimb");
        var same = await Evaluate(model, Workplace.Text);
        Assert.Contains(Warning + Workplace.Text, same.Error, StringComparison.Ordinal);
        Assert.Contains("SHA-256", same.Error, StringComparison.Ordinal);

        // Bytes behind the text make another file of it, of which all windows that are evaluated are as they were.
        var longer = await Evaluate(model, place.Write("longer.txt", [.. File.ReadAllBytes(Workplace.Text), .. "The end."u8]));
        Assert.Contains(Warning, longer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("SHA-256", longer.Error, StringComparison.Ordinal);
        Assert.Contains("% of the distinct sequences of 52 tokens", longer.Error, StringComparison.Ordinal);
        Assert.InRange(Overlap(longer).Share!.Value, 0.05, 1);
        Assert.Equal(Overlap(same), Overlap(longer));

        var other = await Evaluate(model, place.Write("other.txt", OtherText));
        Assert.Equal("", other.Error);
        Assert.Equal(0, Overlap(other).Share);
        Assert.True(Overlap(other).Sampled > 0);
    }

    [Fact]
    public async Task A_model_without_a_calibration_is_not_compared()
    {
        var outcome = await Evaluate(await place.Bimb(), Workplace.Text);
        Assert.Equal("", outcome.Error);
        Assert.Equal((null, null), Overlap(outcome));
    }

    [Fact]
    public async Task Validation_on_the_calibration_text_is_warned_about()
    {
        var outcome = await Convert("a.bimb", "--validate", Workplace.Text, "--context", "64", "--max-windows", "8", "--json");
        Assert.Contains(Warning, outcome.Error, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(outcome.Output);
        var validation = json.RootElement.GetProperty("validation");
        Assert.InRange(validation.GetProperty("output").GetProperty("calibrationOverlap").GetDouble(), 0.05, 1);
        Assert.Equal(JsonValueKind.Null, validation.GetProperty("source").GetProperty("calibrationOverlap").ValueKind);
        Assert.Contains(json.RootElement.GetProperty("diagnostics").EnumerateArray(), row => row.GetProperty("id").GetString() == "BIM5006");
        Assert.Equal(validation.GetProperty("output").GetProperty("calibrationOverlap").GetDouble(), Overlap(await Evaluate(place["a.bimb"], Workplace.Text)).Share);
    }

    [Fact]
    public async Task A_recoded_file_remembers_its_calibration()
    {
        var model = await Calibrated("a.bimb");
        (await Cli.Run("convert", model, "-o", place["q8.bimb"], "--embedding", "q8")).Is(ExitCode.Ok);
        Assert.Equal(Recipe(model)["calibration"]!.ToJsonString(), Recipe(place["q8.bimb"])["calibration"]!.ToJsonString());
        Assert.Equal(Overlap(await Evaluate(model, Workplace.Text)), Overlap(await Evaluate(place["q8.bimb"], Workplace.Text)));
    }

    [Fact]
    public async Task The_sketch_is_small_and_left_out_of_short_windows()
    {
        var calibration = Recipe(await Calibrated("a.bimb"))["calibration"]!;
        Assert.Equal(52, calibration["ngrams"]!["n"]!.GetValue<int>());
        Assert.Equal(512 * 5, System.Convert.FromBase64String(calibration["ngrams"]!["hashes"]!.GetValue<string>()).Length);
        await Convert("short.bimb", "--seqlen", "51");
        Assert.Null(Recipe(place["short.bimb"])["calibration"]!["ngrams"]);
        Assert.Equal((null, null), Overlap(await Evaluate(place["short.bimb"], Workplace.Text)));
    }

    [Theory]
    [InlineData("""{"calibration": true}""", true)]
    [InlineData("""{"calibration": []}""", true)]
    [InlineData("""{"calibration": {}}""", true)]
    [InlineData("""{"calibration": {"name": "a", "sha256": null}}""", true)]
    [InlineData("""{"calibration": {"name": "\ud800", "sha256": ""}}""", false)]
    [InlineData("""{"calibration": {"name": "a", "sha256": "", "samples": 1e99}}""", true)]
    [InlineData("""{"calibration": {"name": "a", "sha256": "", "ngrams": 7}}""", true)]
    [InlineData("""{"calibration": {"name": "a", "sha256": "", "ngrams": {}}}""", true)]
    [InlineData("""{"calibration": {"name": "a", "sha256": "", "ngrams": {"n": 13, "limit": 255, "hashes": "AAAAAA"}}}""", true)]
    [InlineData("""{"calibration": {"name": "a", "sha256": "", "ngrams": {"n": 2147483647, "limit": 255, "hashes": "AAAAAAE="}}}""", true)]
    [InlineData("""{"calibration": {"name": "a", "sha256": "", "ngrams": {"n": 13, "limit": 255, "hashes": "AAAAAAE="}}}""", false)]
    [InlineData("""{"calibration": {"name": "a", "sha256": ""}}""", false)]
    [InlineData("""{"calibration": null}""", false)]
    [InlineData("""{"\ud800": 1}""", false)]
    [InlineData("""["calibration"]""", false)]
    [InlineData("""calibrated on something""", false)]
    [InlineData("", false)]
    public async Task A_foreign_recipe_is_not_believed(string recipe, bool warns)
    {
        var outcome = await Evaluate(WithRecipe(await place.Bimb(), recipe), Workplace.Text);
        Assert.Equal(warns, outcome.Error.Contains("warning BIM7007: " + place["foreign.bimb"] + ": recipe.calibration", StringComparison.Ordinal));
        Assert.True(warns || outcome.Error.Length == 0, outcome.Error);
        Assert.Null(Overlap(outcome).Share);
    }

    [Fact]
    public async Task A_malformed_sketch_leaves_the_hash_of_the_text()
    {
        var model = await Calibrated("a.bimb");
        var recipe = Recipe(model);
        recipe["calibration"]!["ngrams"]!["hashes"] = "?";
        var outcome = await Evaluate(WithRecipe(model, recipe.ToJsonString()), Workplace.Text);
        Assert.Contains("warning BIM7007: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(Warning, outcome.Error, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private async Task<string> Calibrated(string name)
    {
        await Convert(name);
        return place[name];
    }

    private async Task<Outcome> Convert(string name, params string[] options)
    {
        string[] length = options.Contains("--seqlen") ? [] : ["--seqlen", "512"];
        return (await Cli.Run(["convert", Workplace.Mamba2, "-o", place[name], "--pipeline", "gptq{tensors=[\"*layers.0.in_proj*\"]} | pack", "--calibration", Workplace.Text, "--nsamples", "8", "--seed", "105", "-q", .. length, .. options])).Is(ExitCode.Ok);
    }

    private string WithRecipe(string model, string recipe)
    {
        var diagnostics = new DiagnosticBag();
        using var file = BimbReader.Open(model, diagnostics)!;
        var content = new BimbContent(file.Module, recipe, file.Tokenizer);
        Assert.True(BimbWriter.Write(place["foreign.bimb"], content, force: false, diagnostics, cancellation: TestContext.Current.CancellationToken));
        return place["foreign.bimb"];
    }

    private static async Task<Outcome> Evaluate(string model, string text) =>
        (await Cli.Run("eval", model, "--text", text, "--context", "64", "--max-windows", "8", "--json")).Is(ExitCode.Ok);

    private static (double? Share, int? Sampled) Overlap(Outcome outcome)
    {
        var json = JsonNode.Parse(outcome.Output)!;
        return (json["calibrationOverlap"]?.GetValue<double>(), json["calibrationOverlapSampled"]?.GetValue<int>());
    }

    private static JsonNode Recipe(string model)
    {
        using var file = BimbReader.Open(model, new DiagnosticBag())!;
        return JsonNode.Parse(file.Recipe)!;
    }
}
