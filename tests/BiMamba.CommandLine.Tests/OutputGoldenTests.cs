using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>What the commands print, as JSON and as text.</summary>
public sealed class OutputGoldenTests : IDisposable
{
    private readonly Workplace place = new();

    [Fact]
    public async Task Convert_with_validation() => await Json(
        "convert", "convert", Workplace.BiMamba, "-o", place["tiny.bimb"], "--validate", Workplace.Text, "--context", "256", "--max-windows", "4");

    [Fact]
    public async Task Convert_of_a_float_checkpoint() => await Json("convert-float", "convert", Workplace.Mamba2, "-o", place["tiny.bimb"]);

    [Fact]
    public async Task Inspect_of_a_bimb_file() => await Json("inspect-bimb", "inspect", await place.Bimb());

    [Fact]
    public async Task Inspect_of_a_checkpoint() => await Json("inspect-checkpoint", "inspect", Workplace.Mamba2);

    [Fact]
    public async Task Eval() => await Json("eval", "eval", Workplace.Mamba2, "--text", Workplace.Text, "--context", "256", "--max-windows", "4");

    [Fact]
    public async Task Tokenize() => await Json("tokenize", "tokenize", "bytes", "--text", place.Write("text.txt", "Hällo, wörld\n"));

    [Fact]
    public async Task Generate() => await Json("generate", "generate", Workplace.BiMamba, "--prompt", "It was a", "--max-tokens", "16");

    [Fact]
    public async Task Passes() => await Json("passes", "passes");

    [Fact]
    public async Task Passes_as_text() => await Text("passes", "passes");

    [Fact]
    public async Task Inspect_as_text() => await Text("inspect-bimb", "inspect", await place.Bimb());

    [Fact]
    public async Task Inspect_of_a_checkpoint_as_text() => await Text("inspect-checkpoint", "inspect", Workplace.Mamba2);

    [Fact]
    public async Task Inspect_as_ir() => await Text("inspect-ir", "inspect", await place.Bimb(), "--ir");

    [Fact]
    public async Task Inspect_as_fields()
    {
        var outcome = (await Cli.Run("inspect", await place.Bimb(), "--fields")).Is(ExitCode.Ok);
        // The sections are as long as the model; their form is seen in the head and the ends of the rest.
        var lines = outcome.Output.Split('\n');
        var shown = lines.Where(line => line.Contains("  head", StringComparison.Ordinal) || line.Contains("  recipe", StringComparison.Ordinal) || line.Contains("  tokenizer", StringComparison.Ordinal)
            || line.Contains(".resources[0]", StringComparison.Ordinal) || line.Contains("table.tensors[7]", StringComparison.Ordinal) || line.Contains("module.level", StringComparison.Ordinal));
        Golden.Match(Repository.Golden("cli", "inspect-fields.verified.txt"), string.Join('\n', shown) + "\n");
        Assert.True(lines.Length > 1000);
    }

    [Fact]
    public async Task Inspect_as_bytes()
    {
        var outcome = (await Cli.Run("inspect", await place.Bimb(), "--hex")).Is(ExitCode.Ok);
        Assert.Contains("42 49 4D 42", outcome.Output.ToUpperInvariant(), StringComparison.Ordinal);
        Assert.Contains("head.magic", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_golden_file_is_read_by_a_test()
    {
        string[] expected =
        [
            "convert-float.verified.json", "convert.verified.json", "eval.verified.json", "generate.verified.json", "inspect-bimb.verified.json",
            "inspect-bimb.verified.txt", "inspect-checkpoint.verified.json", "inspect-checkpoint.verified.txt", "inspect-fields.verified.txt",
            "inspect-ir.verified.txt", "passes.verified.json", "passes.verified.txt", "tokenize.verified.json",
        ];
        var files = Directory.GetFiles(Repository.Golden("cli"), "*.verified.*").Select(file => Path.GetFileName(file));
        Assert.Equal(expected, files.Order(StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private async Task Json(string golden, params string[] args)
    {
        var outcome = (await Cli.Run([.. args, "--json"])).Is(ExitCode.Ok);
        JsonGolden.Match(golden, outcome.Output, place);
    }

    private async Task Text(string golden, params string[] args)
    {
        var outcome = (await Cli.Run(args)).Is(ExitCode.Ok);
        Assert.Equal("", outcome.Error);
        Golden.Match(Repository.Golden("cli", golden + ".verified.txt"), JsonGolden.WithoutFolders(outcome.Output, place));
    }
}
