using System.CommandLine;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Frontend.Text;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Pipeline.Instruments;
using BiMamba.Tensors;
using BiMamba.Text;

namespace BiMamba.CommandLine.Commands;

/// <summary>The options by which a run of passes is watched, for the commands that run passes.</summary>
internal sealed class PassRunFlags
{
    private readonly Option<string[]> printBefore = Passes("--print-ir-before", "Print the module before these passes, on stderr.");
    private readonly Option<string[]> printAfter = Passes("--print-ir-after", "Print the module after these passes, on stderr.");
    private readonly Option<bool> printBeforeAll = new("--print-ir-before-all") { Description = "Print the module before every pass." };
    private readonly Option<bool> printAfterAll = new("--print-ir-after-all") { Description = "Print the module after every pass." };
    private readonly Option<bool> printAfterChange = new("--print-ir-after-change") { Description = "Print the module after every pass that changed it." };
    private readonly Option<bool> timing = new("--timing") { Description = "Show how long each pass and the verifier after it took, on stderr." };
    private readonly Option<int?> stopAfter = CommonOptions.Limited("--stop-after", "Run only the first N stages of the pipeline.", 0);
    private readonly Option<bool> verifyEach = new("--verify-each") { Description = "Verify the module after every pass; false verifies the last one only.", DefaultValueFactory = _ => true };
    private readonly Option<string?> reproducer = CommonOptions.InputFile(new Option<string?>("--reproducer") { Description = "Where a pass fails, write the module before it and the stages that are left to this .bmir file, which opt runs again.", HelpName = "FILE" });

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[printBefore, printAfter, printBeforeAll, printAfterAll, printAfterChange, timing, stopAfter, verifyEach, reproducer])
            command.Add(option);
    }

    /// <summary>The file of --reproducer, which is no input.</summary>
    public string? ReproducerPath(CommandContext context) => context.Get(reproducer);

    /// <summary>Stages that --stop-after leaves, or null for all.</summary>
    public int? StopAfter(CommandContext context) => context.Get(stopAfter);

    /// <summary>The stages that --stop-after leaves.</summary>
    public PassPipeline Cut(PassPipeline pipeline, CommandContext context) =>
        StopAfter(context) is { } count && count < pipeline.Stages.Length ? new PassPipeline(pipeline.Stages[..count]) : pipeline;

    /// <summary>True where every pass that an option names exists and the reproducer can be written; otherwise an error.</summary>
    public bool Check(CommandContext context)
    {
        foreach (var option in (Option<string[]>[])[printBefore, printAfter])
        {
            foreach (var name in context.Get(option).Where(name => PassTable.All.All(pass => pass.Info.Name != name)))
                context.Diagnostics.Add(PipelineDiagnostics.UnknownPass, $"{option.Name}: there is no pass '{name}'", Place.None, NearestName.Hint(name, PassTable.All.Select(pass => pass.Info.Name)));
        }

        if (ReproducerPath(context) is { } path && !IrFiles.IsIrText(path))
            context.Diagnostics.Add(CommandDiagnostics.Usage, $"{reproducer.Name}: expected a file name that ends in {IR.Reading.IrParser.Extension}, found '{path}'", Place.None);
        else if (ReproducerPath(context) is { } file)
            Probe(context, file);
        return !context.Diagnostics.HasErrors;
    }

    private static void Probe(CommandContext context, string file)
    {
        context.Outputs.Add(file);
        AtomicFile.Create(file, context.Get(context.Common.Force), context.Diagnostics)?.Dispose();
    }

    /// <summary>Runs a pipeline under the wanted instruments; null where the context's bag got an error.</summary>
    /// <param name="module">The module before the first stage.</param>
    /// <param name="pipeline">The stages.</param>
    /// <param name="passes">What passes may use.</param>
    /// <param name="context">The command.</param>
    /// <param name="model">The model that a reproducer is run with, or null where the module has no weights.</param>
    /// <param name="ran">The stages that had made the module from that model, as pipeline text.</param>
    public IR.Module? Run(IR.Module module, PassPipeline pipeline, PassContext passes, CommandContext context, string? model, string ran = "")
    {
        var times = new PassTiming();
        var failure = context.Get(reproducer) is { } path ? new Reproducer(path, context.Get(context.Common.Force), ran) : null;
        try
        {
            return PassManager.Run(module, pipeline, passes, new PassRunOptions
            {
                VerifyEach = context.Get(verifyEach),
                Instruments = [Printing(context), .. context.Get(timing) ? (PassInstrument[])[times] : [], .. failure is null ? (PassInstrument[])[] : [failure]],
            });
        }
        finally
        {
            if (context.Get(timing))
                times.Write(context.Terminal.Error);
            if (failure is { IsWritten: true })
                context.Diagnostics.Add(CommandDiagnostics.Advice, "the module before the failing pass and the stages that are left are written", Place.OfFile(context.Get(reproducer)!), $"run them with bimambac opt {Word(context.Get(reproducer)!)}{(model is null ? "" : " --weights " + Word(model))}");
        }
    }

    /// <summary>A path as a word of a command line.</summary>
    private static string Word(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;

    private IrPrinting Printing(CommandContext context) => new(
        context.Terminal.Error,
        new PrintSelection(context.Get(printBeforeAll), [.. context.Get(printBefore)]),
        new PrintSelection(context.Get(printAfterAll) || context.Get(printAfterChange), [.. context.Get(printAfter)]),
        context.Get(printAfterChange));

    private static Option<string[]> Passes(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "PASS,PASS",
        DefaultValueFactory = _ => [],
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))],
    };
}
