using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Runtime;
using BiMamba.Testing;
using Microsoft.Extensions.Logging;

namespace BiMamba.Toolchain.Tests;

/// <summary>Loading, logits, errors of both forms, what disposing does.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_folder_and_a_file_are_one_model()
    {
        using var model = Model.Load(Samples.BiMamba);
        using var file = Model.Load(Path.Combine(Samples.BiMamba, "pytorch_model.bin"));
        Assert.Equal(256, model.VocabularyRows);
        Assert.StartsWith("bimamba2 in the bi-mamba layout, 6 layers", model.Summary, StringComparison.Ordinal);
        Assert.Equal(model.Summary, file.Summary);
        Assert.Equal("bytes", model.Tokenizer!.Kind);
        Assert.Equal(Samples.BiMamba, model.Path);
        Assert.Contains(model.Files, name => name.EndsWith("config.json", StringComparison.Ordinal));
        Assert.NotEmpty(model.Module.Blocks);
    }

    [Fact]
    public void What_is_missing_is_an_exception_or_a_value()
    {
        var path = folder["nothing"];
        var exception = Assert.Throws<ModelException>(() => Model.Load(path));
        var bag = new DiagnosticBag();
        Assert.Null(Model.TryLoad(path, null, bag));
        Assert.Equal(ExitCode.InputMissing, exception.ExitCode);
        Assert.Equal(bag.Items, exception.Diagnostics);
        Assert.Equal(string.Join('\n', bag.Items), exception.Message);
        Assert.StartsWith("error BIM", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_of_other_work_in_a_bag_are_no_obstacle()
    {
        var bag = new DiagnosticBag();
        Assert.Null(Model.TryLoad(folder["nothing"], null, bag));
        using var model = Model.TryLoad(Samples.BiMamba, new LoadOptions(), bag);
        Assert.NotNull(model);
        Assert.NotNull(model.TryLogits([1], null, bag, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Options_of_a_checkpoint_are_refused_for_a_text_without_weights()
    {
        File.WriteAllText(folder["model.bmir"], "nothing");
        Assert.Equal(ExitCode.Usage, Assert.Throws<ModelException>(() => Model.Load(folder["model.bmir"], new LoadOptions { Fidelity = LoadOptions.OfficialFp16 })).ExitCode);
    }

    [Fact]
    public void Logits_are_those_of_generation_and_of_any_engine_and_form()
    {
        using var model = Model.Load(Samples.BiMamba);
        int[] ids = [.. "It was a"u8.ToArray().Select(b => (int)b)];
        var logits = model.Logits(ids, cancellation: TestContext.Current.CancellationToken);
        var steps = model.Logits(ids, new LogitsOptions { Stepwise = true, Threads = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal(ids.Length, logits.Length);
        Assert.All(logits.Zip(steps), pair => Assert.Equal(pair.First.Select(BitConverter.SingleToInt32Bits), pair.Second.Select(BitConverter.SingleToInt32Bits)));
        Assert.All(logits, row => Assert.Equal(model.VocabularyRows, row.Length));
        Assert.Equal(' ', (char)Array.IndexOf(logits[^1], logits[^1].Max()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 256")]
    [InlineData("-1")]
    public void Ids_outside_the_vocabulary_and_none_are_errors(string text)
    {
        int[] ids = [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
        using var model = Model.Load(Samples.BiMamba);
        var exception = Assert.Throws<ModelException>(() => model.Logits(ids, cancellation: TestContext.Current.CancellationToken));
        var id = ids.Length == 0 ? CommandDiagnostics.Usage : RuntimeDiagnostics.IdOutsideVocabulary;
        Assert.Equal(id, Assert.Single(exception.Diagnostics).Descriptor);
    }

    [Fact]
    public async Task A_model_that_is_disposed_begins_nothing_and_ends_what_runs()
    {
        var model = Model.Load(Samples.BiMamba);
        await using var pieces = model.GenerateAsync("It was", new GenerateOptions { MaxTokens = 4 }, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await pieces.MoveNextAsync());
        model.Dispose();
        model.Dispose();
        for (var i = 1; i < 4; i++)
            Assert.True(await pieces.MoveNextAsync());
        Assert.False(await pieces.MoveNextAsync());
        Assert.Throws<ObjectDisposedException>(() => model.Logits([1], cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ObjectDisposedException>(() => model.Evaluate(Samples.Text, cancellation: TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.ConvertAsync(folder["out.bimb"], cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Values_outside_their_range_throw_where_they_are_set()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new GenerateOptions { Temperature = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GenerateOptions { Temperature = 101 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GenerateOptions { MaxTokens = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GenerateOptions { TopK = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EvaluateOptions { Context = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EvaluateOptions { Threads = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CalibrationOptions("text") { Samples = 0 });
        Assert.Throws<ArgumentException>(() => new ConvertOptions { Embedding = "q5" });
        Assert.Throws<ArgumentException>(() => new LoadOptions { Fidelity = "exact" });
        Assert.Equal(Engine.Fast, new GenerateOptions { TopK = null, Threads = 1024 }.Engine);
    }

    [Fact]
    public async Task Notes_and_warnings_are_logged_with_their_numbers()
    {
        var logger = new RecordingLogger();
        using (var folded = Model.Load(Samples.BiMamba, new LoadOptions { Logger = logger }))
            await folded.ConvertAsync(folder["folded.bimb"], cancellation: TestContext.Current.CancellationToken);
        Assert.Contains(logger.Lines, line => line is { Level: LogLevel.Information, Event: { Id: 2101, Name: "BIM2101" } } && line.Text.StartsWith("note BIM2101: fold-fbi: ", StringComparison.Ordinal));
        using var model = Model.Load(Samples.Mamba2, new LoadOptions { Logger = logger });
        await model.ConvertAsync(folder["tiny.bimb"], Samples.Calibrated, cancellation: TestContext.Current.CancellationToken);
        Assert.Contains((LogLevel.Information, $"{model.Path}: {model.Summary}"), logger.Lines.Select(line => (line.Level, line.Text)));
        Assert.Contains(logger.Lines, line => line.Level == LogLevel.Debug && line.Text.StartsWith("passes: ", StringComparison.Ordinal));
        using var packed = Model.Load(folder["tiny.bimb"], new LoadOptions { Logger = logger });
        var result = packed.Evaluate(Samples.Text, new EvaluateOptions { Context = 128, MaxWindows = 1 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Contains(logger.Lines, line => line is { Level: LogLevel.Warning, Event.Id: 5006 });
        Assert.NotNull(result.CalibrationOverlap);
        Assert.DoesNotContain(logger.Lines, line => line.Level > LogLevel.Warning);
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();
}
