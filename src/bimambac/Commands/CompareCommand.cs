using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using BiMamba.CommandLine.Comparisons;
using BiMamba.Comparison.Cells;
using BiMamba.Comparison.Published;
using BiMamba.Comparison.Reports;
using BiMamba.Comparison.Results;
using BiMamba.Comparison.RunFiles;
using BiMamba.Comparison.Schedulers;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Tensors;
using BiMamba.Toolchain.Conversion;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac compare: models and methods on texts, beside a reference.</summary>
internal sealed class CompareCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly Argument<string[]> inputs = new("input") { Description = "A run file (.json), or models, the first of which is the reference.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> text = CommonOptions.InputFile(new Option<string?>("--text") { Description = "The text, where models are given.", HelpName = "FILE" });
    private readonly Option<string?> reference = new("--reference") { Description = "Name of the row that the others are compared with (default: that of the run file, or the first).", HelpName = "NAME" };
    private readonly Option<string?> work = new("--work") { Description = "Folder of the results of cells and of converted models (default: compare.work beside the run file, or here).", HelpName = "DIR" };
    private readonly Option<int?> cell = CommonOptions.Limited("--cell", "Measure this cell alone, counted from 0, and write no report.", 0);
    private readonly Option<bool> merge = new("--merge") { Description = "Make the report of the results that are there, and measure nothing." };
    private readonly Option<string?> emit = new("--emit") { Description = "Write the jobs that measure the cells for a scheduler: a job array, an indexed Job or a makefile.", HelpName = string.Join('|', Scheduler.All.Select(row => row.Name)) };
    private readonly Option<string?> markdown = new("--markdown") { Description = "Also write the report as Markdown.", HelpName = "FILE" };
    private readonly Option<string?> html = new("--html") { Description = "Also write the report as one page with plots.", HelpName = "FILE" };
    private readonly Option<bool> schema = new("--schema") { Description = "Print the JSON schema of run files." };
    private readonly Option<bool> noSpeed = new("--no-speed") { Description = "Do not measure decoding and memory." };

    /// <summary>Makes the syntax.</summary>
    public CompareCommand(CommonOptions common)
    {
        this.common = common;
        CommonOptions.Restrict(emit, [.. Scheduler.All.Select(row => row.Name)]);
        Command = new Command("compare", "Compares models and methods on texts with a reference: perplexity, bits per byte, KL, size, speed.\nExample: bimambac compare golden/compare/tiny.json --html compare.html")
        {
            inputs, text, reference, work, cell, merge, emit, markdown, html, schema, noSpeed, common.Context, common.MaxWindows, common.Force, common.Json, common.Threads,
        };
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        if (context.Get(schema))
        {
            context.Terminal.Output.Write(RunSchema.Text);
            return ExitCode.Ok;
        }

        if (!Check(context) || Read(context) is not { } run)
            return ExitCode.Ok;
        var folder = Work(context);
        if (context.Get(emit) is { } scheduler)
        {
            context.Terminal.Output.Write(JobEmitter.Emit(scheduler, context.Get(inputs)[0], folder, run.Cells.Count, common.ThreadCount(context.Result)));
            return ExitCode.Ok;
        }

        if (context.Get(cell) is { } number && number >= run.Cells.Count)
        {
            context.Diagnostics.Add(ComparisonDiagnostics.NoSuchCell, string.Create(CultureInfo.InvariantCulture, $"--cell: expected a number from 0 to {run.Cells.Count - 1}, found {number}"), Place.None);
            return ExitCode.Ok;
        }

        context.Outputs.Add(folder);
        var comparison = new CompareRun(context, run, folder, common.ThreadCount(context.Result));
        if ((!context.Get(merge) && !comparison.Measure(context.Get(cell))) || context.Get(cell) is not null)
            return ExitCode.Ok;
        if (comparison.Report() is { } report)
            Write(context, report);
        return ExitCode.Ok;
    }

    private static bool IsRunFile(string path) => Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);

    private bool Check(CommandContext context)
    {
        var given = context.Get(inputs);
        var isRunFile = given.Length == 1 && IsRunFile(given[0]);
        if (given.Length == 0)
            Fail("expected a run file or models, found none");
        else if (isRunFile && (context.Get(text) is not null || context.Get(common.Context) is not null || context.Get(common.MaxWindows) is not null))
            Fail("--text, --context and --max-windows go with models: a run file says what is measured");
        else if (!isRunFile && context.Get(text) is null)
            Fail("expected --text with models");
        else if (!isRunFile && context.Get(emit) is not null)
            Fail("--emit goes with a run file, which the jobs read");
        if ((context.Get(cell) is not null ? 1 : 0) + (context.Get(merge) ? 1 : 0) + (context.Get(emit) is not null ? 1 : 0) > 1)
            Fail("--cell, --merge and --emit exclude each other");
        return !context.Diagnostics.HasErrors && ((string?[])[context.Get(markdown), context.Get(html)]).OfType<string>().All(path => CanWrite(context, path, given));

        void Fail(string message) => context.Diagnostics.Add(CommandDiagnostics.Conflict, message, Place.None);
    }

    /// <summary>Finds out before the work what would else be found after it.</summary>
    private bool CanWrite(CommandContext context, string path, string[] given)
    {
        if (!OutputCheck.DiffersFromInputs(path, [.. given, context.Get(text)], context.Diagnostics))
            return false;
        context.Outputs.Add(path);
        using var probe = AtomicFile.Create(path, context.Get(common.Force), context.Diagnostics);
        return probe is not null;
    }

    private RunFile? Read(CommandContext context)
    {
        var given = context.Get(inputs);
        var run = given.Length == 1 && IsRunFile(given[0]) ? RunFileReader.Read(given[0], context.Diagnostics) : OfModels(context, given);
        if (run is null)
            return null;
        run = run with { Reference = context.Get(reference) ?? run.Reference, Speed = run.Speed && !context.Get(noSpeed) };
        if (RunFileReader.Check(run) is not { } problem)
            return run;
        context.Diagnostics.Add(CommandDiagnostics.Usage, problem, Place.None);
        return null;
    }

    private RunFile OfModels(CommandContext context, string[] models)
    {
        var names = models.Select(path => Path.GetFileName(Path.TrimEndingDirectorySeparator(path))).ToArray();
        return new RunFile(
            [.. models.Select((path, i) => new RunModel(names.Count(name => name == names[i]) > 1 ? string.Create(CultureInfo.InvariantCulture, $"{names[i]} ({i + 1})") : names[i], path))],
            [new RunCorpus(Path.GetFileNameWithoutExtension(context.Get(text)!), context.Get(text)!) { Context = context.Get(common.Context), MaxWindows = context.Get(common.MaxWindows) }]);
    }

    private string Work(CommandContext context)
    {
        const string Name = "compare.work";
        var first = context.Get(inputs)[0];
        return context.Get(work) ?? (IsRunFile(first) ? Path.ChangeExtension(first, null) + "." + Name : Name);
    }

    private void Write(CommandContext context, ComparisonReport report)
    {
        var published = PublishedResults.All;
        if (context.Get(markdown) is { } table && !WriteFile(context, table, MarkdownTable.Render(report, published)))
            return;
        if (context.Get(html) is { } page && !WriteFile(context, page, HtmlPage.Render(report, published)))
            return;
        if (context.IsJson)
            context.Terminal.Output.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.ComparisonReport));
        else
            context.Terminal.Output.Write(TerminalTable.Render(report));
    }

    private bool WriteFile(CommandContext context, string path, string content)
    {
        using var file = AtomicFile.Create(path, context.Get(common.Force), context.Diagnostics);
        if (file is null)
            return false;
        try
        {
            file.Stream.Write(Encoding.UTF8.GetBytes(content));
        }
        catch (IOException e)
        {
            AtomicFile.ReportNotWritable(path, e, context.Diagnostics);
            return false;
        }

        return file.Commit(context.Diagnostics);
    }
}
