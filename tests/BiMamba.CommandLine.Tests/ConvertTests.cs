using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>What convert writes, and what it accepts.</summary>
public sealed class ConvertTests : IDisposable
{
    private readonly Workplace place = new();

    [Theory]
    [InlineData("tiny-bimamba-official")]
    [InlineData("tiny-bimamba-official", "--method", "none")]
    [InlineData("tiny-bimamba-official", "--embedding", "q4", "--fidelity", "official-fp16")]
    [InlineData("tiny-mamba2-hf")]
    [InlineData("tiny-mamba2-hf", "--embedding", "q8")]
    public async Task The_bytes_do_not_depend_on_threads_or_run(string model, params string[] options)
    {
        var files = new List<byte[]>();
        foreach (var (threads, run) in ((string, string)[])[("1", "a"), ("2", "b"), ("2", "c"), ("7", "d")])
        {
            (await Cli.Run(["convert", Repository.Golden("models", model), "-o", place[run], "--threads", threads, .. options])).Is(ExitCode.Ok);
            files.Add(File.ReadAllBytes(place[run]));
        }

        Assert.All(files, file => Assert.Equal(files[0], file));
    }

    [Fact]
    public async Task The_bytes_do_not_depend_on_where_the_checkpoint_lies_or_how_it_is_named()
    {
        var bimb = File.ReadAllBytes(await place.Bimb());
        var copy = place.Copy(Workplace.BiMamba, "with blank ü");
        foreach (var path in (string[])[copy, copy + "/", Path.Combine(copy, "pytorch_model.bin"), Path.GetRelativePath(Environment.CurrentDirectory, copy)])
        {
            (await Cli.Run("convert", path, "-o", place["ö ü.bimb"], "--force")).Is(ExitCode.Ok);
            Assert.Equal(bimb, File.ReadAllBytes(place["ö ü.bimb"]));
        }

        var relative = Path.GetRelativePath(Environment.CurrentDirectory, place["relative.bimb"]);
        (await Cli.Run("convert", copy, "-o", relative)).Is(ExitCode.Ok);
        Assert.Equal(bimb, File.ReadAllBytes(place["relative.bimb"]));
        (await Cli.Run("verify", place["ö ü.bimb"])).Is(ExitCode.Ok);
    }

    [Fact]
    public async Task A_dry_run_writes_nothing_and_knows_the_size()
    {
        var dry = (await Cli.Run("convert", Workplace.BiMamba, "-o", place["tiny.bimb"], "--dry-run", "--json")).Is(ExitCode.Ok);
        Assert.Empty(Directory.GetFileSystemEntries(place.Path));
        using var json = JsonDocument.Parse(dry.Output);
        Assert.False(json.RootElement.GetProperty("written").GetBoolean());
        var bytes = json.RootElement.GetProperty("fileBytes").GetInt64();
        Assert.Equal(new FileInfo(await place.Bimb()).Length, bytes);
    }

    [Fact]
    public async Task The_ledger_has_every_byte_of_the_file()
    {
        var outcome = (await Cli.Run("convert", Workplace.BiMamba, "-o", place["tiny.bimb"], "--json")).Is(ExitCode.Ok);
        using var json = JsonDocument.Parse(outcome.Output);
        var rows = json.RootElement.GetProperty("ledger").EnumerateArray().Sum(row => row.GetProperty("bytes").GetInt64());
        Assert.Equal(new FileInfo(place["tiny.bimb"]).Length, rows);
    }

    [Fact]
    public async Task The_embedding_of_a_bimb_file_can_be_recoded()
    {
        var bimb = await place.Bimb();
        (await Cli.Run("convert", bimb, "-o", place["q8.bimb"], "--embedding", "q8")).Is(ExitCode.Ok);
        Assert.True(new FileInfo(place["q8.bimb"]).Length < new FileInfo(bimb).Length);
    }

    [Fact]
    public async Task Stderr_has_the_notes_and_quiet_has_none()
    {
        var loud = (await Cli.Run("convert", Workplace.Mamba2, "-o", place["a.bimb"])).Is(ExitCode.Ok);
        Assert.Contains("note BIM7005: ", loud.Error, StringComparison.Ordinal);
        Assert.StartsWith(place["a.bimb"] + ": ", loud.Output, StringComparison.Ordinal);
        var quiet = (await Cli.Run("convert", Workplace.Mamba2, "-o", place["b.bimb"], "--quiet")).Is(ExitCode.Ok);
        Assert.Equal("", quiet.Error);
        Assert.Equal(loud.Output.Replace("a.bimb", "b.bimb", StringComparison.Ordinal), quiet.Output);
    }

    [Fact]
    public async Task Validation_in_text_names_its_protocol()
    {
        var outcome = (await Cli.Run("convert", Workplace.BiMamba, "-o", place["a.bimb"], "--validate", Workplace.Text, "--context", "64", "--max-windows", "2", "-v")).Is(ExitCode.Ok);
        Assert.Contains("held-64k.txt: protocol gptq, context 64, 2 windows, 126 tokens scored", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("same top token 100.000 %", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("relative weight error", outcome.Output, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();
}
