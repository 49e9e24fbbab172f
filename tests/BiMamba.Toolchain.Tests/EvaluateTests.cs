using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Runtime;
using BiMamba.Testing;

namespace BiMamba.Toolchain.Tests;

/// <summary>Evaluation: what the command gives.</summary>
public sealed class EvaluateTests : IDisposable
{
    private readonly Model model = Model.Load(Samples.Mamba2);
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Cases => new() { { "gptq", "fast" }, { "gptq", "reference" }, { "llamacpp", "fast" } };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Figures_are_those_of_the_command(string protocol, string engine)
    {
        using var json = JsonDocument.Parse(await Samples.Command("eval", Samples.Mamba2, "--text", Samples.Text, "--protocol", protocol, "--engine", engine, "--context", "128", "--max-windows", "3", "--json"));
        var options = new EvaluateOptions
        {
            Protocol = Protocol.All.Single(row => row.Name == protocol),
            Engine = engine == "fast" ? Engine.Fast : Engine.Reference,
            Context = 128,
            MaxWindows = 3,
            Threads = 1,
            Batch = 2,
        };
        var result = model.Evaluate(Samples.Text, options, cancellation: Token);
        Assert.Equal(json.RootElement.GetProperty("perplexity").GetDouble(), result.Perplexity);
        Assert.Equal(json.RootElement.GetProperty("bitsPerByte").GetDouble(), result.BitsPerByte);
        Assert.Equal(json.RootElement.GetProperty("nll").GetDouble(), result.Nll);
        Assert.Equal(json.RootElement.GetProperty("tokens").GetInt64(), result.Tokens);
        Assert.Equal(3, result.Windows);
        Assert.Equal(protocol == "llamacpp", result.StandardError is not null);
        Assert.Null(result.CalibrationOverlap);
        Assert.Equal(json.RootElement.GetProperty("windowNll").EnumerateArray().Select(value => value.GetDouble()), result.Details.WindowNll);
    }

    [Fact]
    public void Cancelling_stops_between_windows()
    {
        using var source = new CancellationTokenSource();
        var seen = new List<EvaluationProgress>();
        var progress = new DirectProgress<EvaluationProgress>(p =>
        {
            seen.Add(p);
            source.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => model.Evaluate(Samples.Text, new EvaluateOptions { Context = 64, MaxWindows = 6, Batch = 2 }, progress, source.Token));
        Assert.Equal((2, 6), (Assert.Single(seen).Windows, seen[0].Total));
    }

    [Fact]
    public void A_short_text_and_a_protocol_of_two_models_are_errors_of_both_forms()
    {
        File.WriteAllText(folder["short.txt"], "short");
        var exception = Assert.Throws<ModelException>(() => model.Evaluate(folder["short.txt"], cancellation: Token));
        Assert.Equal((ExitCode.NotEnough, RuntimeDiagnostics.TextTooShort), (exception.ExitCode, Assert.Single(exception.Diagnostics).Descriptor));
        var bag = new DiagnosticBag();
        Assert.Null(model.TryEvaluate(Samples.Text, new EvaluateOptions { Protocol = Protocol.LlamaCppKl }, bag, cancellation: Token));
        Assert.Equal(CommandDiagnostics.Conflict, Assert.Single(bag.Items).Descriptor);
        Assert.Null(model.TryEvaluate(folder["nothing"], null, bag, cancellation: Token));
        Assert.Equal(2, bag.Items.Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }
}
