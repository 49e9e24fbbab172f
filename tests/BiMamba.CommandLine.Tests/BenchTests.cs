using System.Text.Json;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>bench: what its two forms hold. The numbers are those of the machine.</summary>
public sealed class BenchTests : IDisposable
{
    private static readonly string[] Short = ["--prompt", "32", "--generate", "4", "--repeat", "2", "--probe", "4", "--threads", "2"];

    private readonly Workplace place = new();

    [Fact]
    public async Task The_text_has_every_row()
    {
        var outcome = (await Cli.Run(["bench", await place.Bimb(), .. Short, "--context", "8,64", "--batch", "1,3"])).Is(ExitCode.Ok);
        Assert.All(
            (string[])["bytes a token", "state written", "read bandwidth", "fp32 peak", "decode ", "moved bytes", "prefill of 32", "sign products alone", "first token", "resident memory", "context  ms a token", "sequences  tokens/s of all"],
            row => Assert.Contains(row, outcome.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_numbers_of_the_json_agree_with_each_other()
    {
        var outcome = (await Cli.Run(["bench", await place.Bimb(), .. Short, "--context", "8,64", "--batch", "1,3", "--json"])).Is(ExitCode.Ok);
        using var json = JsonDocument.Parse(outcome.Output);
        var root = json.RootElement;
        var measured = root.GetProperty("measured");
        var bytes = root.GetProperty("bytes").GetProperty("total").GetInt64();
        Assert.Equal(bytes, root.GetProperty("bytes").GetProperty("parts").EnumerateArray().Sum(part => part.GetProperty("bytes").GetInt64()));
        var decode = measured.GetProperty("decode");
        Assert.Equal(bytes * Number(decode, "tokensPerSecond"), Number(decode, "bytesPerSecond"), 1.0);
        var reads = measured.GetProperty("bandwidth").GetProperty("reads").EnumerateArray().ToArray();
        Assert.Equal(reads.Max(read => Number(read, "bytesPerSecond")), Number(measured.GetProperty("bandwidth"), "bytesPerSecond"), 1.0);
        Assert.All(measured.GetProperty("repetitions").EnumerateArray(), row => Assert.InRange(Number(row, "decodeSeconds"), 1e-7, 60));
        Assert.Equal(2, measured.GetProperty("repetitions").GetArrayLength());
        Assert.Equal([8, 64], measured.GetProperty("contexts").EnumerateArray().Select(point => point.GetProperty("tokens").GetInt32()));
        Assert.Equal([1, 3], measured.GetProperty("batches").EnumerateArray().Select(point => point.GetProperty("sequences").GetInt32()));
        Assert.InRange(Number(measured.GetProperty("linears"), "share"), 1e-6, 100);
        Assert.InRange(Number(measured.GetProperty("firstToken"), "seconds"), 1e-5, 60);
    }

    [Fact]
    public async Task A_model_without_sign_planes_has_no_products_of_them()
    {
        var outcome = (await Cli.Run(["bench", Workplace.Mamba2, .. Short, "--json"])).Is(ExitCode.Ok);
        using var json = JsonDocument.Parse(outcome.Output);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("measured").GetProperty("linears").ValueKind);
    }

    [Theory]
    [InlineData("--context", "0")]
    [InlineData("--context", "8,8")]
    [InlineData("--context", "8,")]
    [InlineData("--batch", "4,2")]
    [InlineData("--batch", "1025")]
    [InlineData("--repeat", "-1")]
    [InlineData("--probe", "1025")]
    public async Task A_wrong_number_is_a_usage_error(string option, string value) =>
        await place.Fails(ExitCode.Usage, "BIM7001", [option], "bench", Workplace.BiMamba, option, value);

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private static double Number(JsonElement row, string name) => row.GetProperty(name).GetDouble();
}
