using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Testing;

namespace BiMamba.Toolchain.Tests;

/// <summary>Conversion: the bytes of the command, whole or not at all.</summary>
public sealed class ConvertTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Output => folder["out.bimb"];

    [Fact]
    public async Task The_bytes_of_a_bi_mamba_model_are_those_of_the_command()
    {
        await Samples.Command("convert", Samples.BiMamba, "-o", folder["command.bimb"], "--embedding", "q8", "--fidelity", "official-fp16");
        using var model = Model.Load(Samples.BiMamba, new LoadOptions { Fidelity = LoadOptions.OfficialFp16 });
        var result = await model.ConvertAsync(Output, new ConvertOptions { Embedding = "q8", Threads = 1 }, cancellation: Token);
        AssertSame();
        Assert.True(result.IsWritten);
        Assert.Equal(new FileInfo(Output).Length, result.Sizes.FileBytes);
        Assert.StartsWith("fold-fbi{fidelity=official-fp16} | quantize-embedding{", result.Pipeline, StringComparison.Ordinal);
        Assert.InRange(result.Sizes.BinarizedBits!.Value, 1, 1.2);
        Assert.NotEmpty(result.Measurements);
        using var packed = Model.Load(Output);
        Assert.Equal(model.VocabularyRows, packed.VocabularyRows);
    }

    [Fact]
    public async Task The_bytes_of_a_calibrated_conversion_are_those_of_the_command()
    {
        await Samples.Command("convert", Samples.Mamba2, "-o", folder["command.bimb"], "--pipeline", Samples.Calibrated.Pipeline!, "--calibration", Samples.Text, "--nsamples", "2", "--seqlen", "64");
        using var model = Model.Load(Samples.Mamba2);
        await model.ConvertAsync(Output, Samples.Calibrated, cancellation: Token);
        AssertSame();
        Assert.Equal([folder["command.bimb"], Output], Directory.GetFileSystemEntries(folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Methods_take_the_options_of_the_command()
    {
        await Samples.Command("convert", Samples.Mamba2, "-o", folder["command.bimb"], "--method", "rtn", "--keep", "in_proj[dt]", "--rule", "out_proj:bits=8");
        using var model = Model.Load(Samples.Mamba2);
        await model.ConvertAsync(Output, new ConvertOptions { Method = "rtn", Keep = ["in_proj[dt]"], Rules = ["out_proj:bits=8"] }, cancellation: Token);
        AssertSame();
    }

    [Fact]
    public async Task A_file_is_compared_with_its_source()
    {
        var steps = new List<ConversionProgress>();
        using var model = Model.Load(Samples.BiMamba);
        var options = new ConvertOptions { Validation = new ValidationOptions(Samples.Text) { Context = 64, MaxWindows = 2 } };
        var result = await model.ConvertAsync(Output, options, new DirectProgress<ConversionProgress>(step =>
        {
            lock (steps)
                steps.Add(step);
        }), Token);
        Assert.Equal(result.Validation!.Reference.Value, result.Validation.Other.Value, 1e-4);
        Assert.Equal(2, result.Validation.Other.Windows.Count);
        var inOrder = steps.Select(step => step.Step).Where(step => step != ConversionStep.HashInputs).Distinct().ToArray();
        Assert.Equal([ConversionStep.Passes, ConversionStep.Write, ConversionStep.Verify, ConversionStep.Validate], inOrder);
        Assert.All(steps, step => Assert.InRange(step.Done, 0, step.Total));
        Assert.All(steps.GroupBy(step => step.Step), group => Assert.Contains(group, step => step.Done == step.Total));
        Assert.Contains(steps, step => step is { Step: ConversionStep.Passes, Stage: "pack" });
    }

    [Theory]
    [InlineData(ConversionStep.HashInputs)]
    [InlineData(ConversionStep.Passes)]
    [InlineData(ConversionStep.Write)]
    [InlineData(ConversionStep.Verify)]
    public async Task Cancelling_leaves_no_file_whatever_is_being_done(ConversionStep at)
    {
        using var model = Model.Load(Samples.BiMamba);
        using var source = new CancellationTokenSource();
        var progress = new DirectProgress<ConversionProgress>(step =>
        {
            if (step.Step == at)
                source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.ConvertAsync(Output, null, progress, source.Token));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Cancelling_the_comparison_keeps_the_file_that_is_written()
    {
        var logger = new RecordingLogger();
        using var model = Model.Load(Samples.BiMamba, new LoadOptions { Logger = logger });
        using var source = new CancellationTokenSource();
        var progress = new DirectProgress<ConversionProgress>(step =>
        {
            if (step.Step == ConversionStep.Validate)
                source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.ConvertAsync(Output, new ConvertOptions { Validation = new ValidationOptions(Samples.Text) { Context = 64 } }, progress, source.Token));
        Assert.Equal([Output], Directory.GetFileSystemEntries(folder.Path));
        Assert.Contains(logger.Lines, line => line.Text.EndsWith("written and verified, but not validated", StringComparison.Ordinal));
        using var packed = Model.Load(Output);
    }

    [Fact]
    public async Task A_calibrated_conversion_that_is_cancelled_goes_on_with_the_same_bytes()
    {
        using var model = Model.Load(Samples.Mamba2);
        var options = Samples.Calibrated with { Pipeline = "gptq | pack" };
        await model.ConvertAsync(folder["command.bimb"], options, cancellation: Token);
        using var source = new CancellationTokenSource();
        var progress = new DirectProgress<ConversionProgress>(_ =>
        {
            // Weights that are read while two blocks are kept are those of a later one.
            if (Directory.Exists(Output + ".journal") && Directory.GetFiles(Output + ".journal", "block-*.safetensors").Length >= 2)
                source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.ConvertAsync(Output, options, progress, source.Token));
        Assert.False(File.Exists(Output));
        var logger = new RecordingLogger();
        using var again = Model.Load(Samples.Mamba2, new LoadOptions { Logger = logger });
        await again.ConvertAsync(Output, options with { Resume = true }, cancellation: Token);
        AssertSame();
        Assert.Contains(logger.Lines, line => line.Text.Contains("blocks were taken from the journal", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Output + ".journal"));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_and_writes_nothing()
    {
        using var model = Model.Load(Samples.BiMamba);
        var result = await model.ConvertAsync(Output, new ConvertOptions { DryRun = true }, cancellation: Token);
        Assert.Equal((false, 358528L), (result.IsWritten, result.Sizes.FileBytes));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Errors_of_both_forms_write_nothing()
    {
        using var model = Model.Load(Samples.BiMamba);
        foreach (var (options, expected) in ((ConvertOptions, DiagnosticDescriptor)[])
        [
            (new ConvertOptions { Pipeline = "fold" }, PipelineDiagnostics.UnknownPass),
            (new ConvertOptions { Pipeline = "fold-fbi" }, PipelineDiagnostics.FinalLevel),
            (new ConvertOptions { Pipeline = "fold-fbi | pack", Method = "fbi" }, CommandDiagnostics.Conflict),
            (new ConvertOptions { Method = "gptq" }, CommandDiagnostics.WrongModel),
            (new ConvertOptions { Keep = ["in_proj"] }, CommandDiagnostics.Conflict),
            (new ConvertOptions { Resume = true }, CommandDiagnostics.Conflict),
            (new ConvertOptions { Calibration = new CalibrationOptions(Samples.Text) }, CommandDiagnostics.Conflict),
            (new ConvertOptions { MaxMemory = 1 }, CommandDiagnostics.Memory),
        ])
        {
            var bag = new DiagnosticBag();
            Assert.Null(await model.TryConvertAsync(Output, options, bag, cancellation: Token));
            Assert.Equal(expected, bag.Items.First(item => item.Severity == Severity.Error).Descriptor);
            Assert.Equal(bag.Items, (await Assert.ThrowsAsync<ModelException>(() => model.ConvertAsync(Output, options, cancellation: Token))).Diagnostics);
        }

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task What_exists_is_replaced_only_where_that_is_wanted_and_an_input_never()
    {
        await File.WriteAllTextAsync(Output, "kept", Token);
        using var model = Model.Load(Samples.BiMamba);
        Assert.Equal(ExitCode.OutputRefused, (await Assert.ThrowsAsync<ModelException>(() => model.ConvertAsync(Output, cancellation: Token))).ExitCode);
        Assert.Equal("kept", await File.ReadAllTextAsync(Output, Token));
        await model.ConvertAsync(Output, new ConvertOptions { Force = true }, cancellation: Token);
        using var packed = Model.Load(Output);
        var refused = await Assert.ThrowsAsync<ModelException>(() => packed.ConvertAsync(Output, new ConvertOptions { Force = true, Embedding = "q4" }, cancellation: Token));
        Assert.Equal(OutputDiagnostics.EqualsInput, Assert.Single(refused.Diagnostics).Descriptor);
        await packed.ConvertAsync(folder["smaller.bimb"], new ConvertOptions { Embedding = "q4" }, cancellation: Token);
        Assert.True(new FileInfo(folder["smaller.bimb"]).Length < new FileInfo(Output).Length);
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    private void AssertSame() => Assert.Equal(File.ReadAllBytes(folder["command.bimb"]), File.ReadAllBytes(Output));
}
