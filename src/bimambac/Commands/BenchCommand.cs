using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Measurement;
using BiMamba.Runtime;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac bench: how fast a model runs here, beside what the machine can do.</summary>
internal sealed class BenchCommand : CommandDefinition
{
    private const int MaxProbe = 1024;
    private const int MaxTokens = 1 << 20;
    private const int MaxBatch = 1024;

    private readonly CommonOptions common;
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<int?> prompt = CommonOptions.Limited("--prompt", "Tokens of the prefill (default: 512).", 1, MaxTokens);
    private readonly Option<int?> generate = CommonOptions.Limited("--generate", "Tokens to decode (default: 64).", 1, MaxTokens);
    private readonly Option<int?> repeat = CommonOptions.Limited("--repeat", "How often all is measured; 0 only counts the bytes of a token (default: 5).", 0, 1000);
    private readonly Option<int?> probe = CommonOptions.Limited("--probe", "MiB of memory that the bandwidth is measured over, for each kind of page (default: 1024).", 1, MaxProbe);
    private readonly Option<int[]?> contexts = CommonOptions.Parsed<int[]?>("--context", "Also measures a token and the memory behind these numbers of tokens.", "ascending whole numbers with commas between them, such as 1024,4096", text => ParseAscending(text, MaxTokens));
    private readonly Option<int[]?> batches = CommonOptions.Parsed<int[]?>("--batch", "Also measures decoding of these numbers of sequences side by side.", "ascending whole numbers to 1024 with commas between them, such as 1,4,16", text => ParseAscending(text, MaxBatch));

    /// <summary>Makes the syntax.</summary>
    public BenchCommand(CommonOptions common)
    {
        this.common = common;
        contexts.HelpName = batches.HelpName = "N,N";
        Command = new Command("bench", "Measures decoding, prefill, memory and the first token of a model, beside the bandwidth and the peak of the machine.\nExample: bimambac bench tiny.bimb --threads 2")
        {
            model, prompt, generate, repeat, contexts, batches, probe, common.Engine, common.State, common.Json, common.Threads,
        };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        var path = context.Get(model);
        var plan = new BenchPlan(common.ThreadCount(context.Result))
        {
            Prompt = context.Get(prompt) ?? 512,
            Generate = context.Get(generate) ?? 64,
            Repetitions = context.Get(repeat) ?? 5,
            ProbeBytes = (context.Get(probe) ?? MaxProbe) << 20,
            Contexts = context.Get(contexts) ?? [],
            Batches = context.Get(batches) ?? [],
        };
        if (Measure(context, path, plan) is not { } report)
            return ExitCode.Ok;
        if (context.IsJson)
            context.Terminal.Output.WriteLine(JsonSerializer.Serialize(report.ToJson(), Schema.Plain.BenchJson));
        else
            report.Write(context.Terminal.Output);
        return ExitCode.Ok;
    }

    private BenchReport? Measure(CommandContext context, string path, BenchPlan plan)
    {
        var begin = Stopwatch.GetTimestamp();
        using var loaded = ModelLoader.LoadToRun(path, common.Import(context.Result), context.Diagnostics);
        if (loaded is null)
            return null;
        var runtime = common.Runtime(context.Result);
        var runner = new ModelRunner(loaded.Module, runtime);
        if (plan.Repetitions == 0)
            return new BenchReport(path, plan, runtime, ByteCeiling.Of(loaded.Module, runner.NewState().ByteLength), null);
        var bench = new ModelBench(runner, plan, context.Cancellation);
        bench.FirstToken();
        var first = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        var line = new ProgressLine(context.Terminal, "bench");
        var progress = new DirectProgress<int>(done => line.Report(done, plan.Repetitions));
        var result = bench.Run(progress);
        return new BenchReport(path, plan, runtime, bench.Bytes, new BenchMeasurement(result, MachineDescription.Read(), first, FirstTokenAgain(context, path, plan)));
    }

    /// <summary>Seconds from opening to the first logits; null where the model cannot be opened again.</summary>
    private double? FirstTokenAgain(CommandContext context, string path, BenchPlan plan)
    {
        var begin = Stopwatch.GetTimestamp();
        using var loaded = ModelLoader.LoadToRun(path, common.Import(context.Result), new DiagnosticBag());
        if (loaded is null)
            return null;
        new ModelBench(new ModelRunner(loaded.Module, common.Runtime(context.Result)), plan, context.Cancellation).FirstToken();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static int[]? ParseAscending(string text, int max)
    {
        var numbers = text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 && value <= max ? value : 0).ToArray();
        return numbers.Zip(numbers.Skip(1)).All(pair => pair.First < pair.Second) && numbers[0] > 0 ? numbers : null;
    }
}
