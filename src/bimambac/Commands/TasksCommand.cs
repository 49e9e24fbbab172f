using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Console;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation.Tasks;
using BiMamba.Runtime;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac tasks: accuracy on multiple-choice tasks, without examples.</summary>
internal sealed class TasksCommand : CommandDefinition
{
    private const int MaxBatch = 256;
    private const string FromTokenizer = "tokenizer";

    private readonly CommonOptions common;
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string[]> tasks = TaskFiles();
    private readonly Option<int?> limit = CommonOptions.Limited("--limit", "Questions of each task, from the beginning of its file (default: all).", 1);
    private readonly Option<int?> maxLength = CommonOptions.Limited("--max-length", "Tokens that the model reads at most; longer contexts lose their beginning (default: 2048).", 1, 1 << 20);
    private readonly Option<string> special = CommonOptions.Words("--special-tokens", "Begin-of-text tokens: those that the tokenizer adds, or none.", FromTokenizer, "none");
    private readonly Option<int?> batch = CommonOptions.Limited("--batch", "Questions to run side by side; results never depend on it (default: up to 4, as far as their states stay under 32 MiB).", 1, MaxBatch);

    /// <summary>Makes the syntax.</summary>
    public TasksCommand(CommonOptions common)
    {
        this.common = common;
        Command = new Command("tasks", "Measures the accuracy of a model on multiple-choice tasks, as lm-evaluation-harness does without examples.\nExample: bimambac tasks tiny.bimb --task piqa=piqa.jsonl --task arc_easy=arc_easy.jsonl --limit 100")
        {
            model, tasks, limit, maxLength, special, batch, common.Engine, common.State, common.Json, common.Threads,
        };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        using var loaded = ModelLoader.LoadToRun(context.Get(model), common.Import(context.Result), context.Diagnostics);
        if (loaded is null || Tokenize(context, loaded) is not { } tokenized || Score(context, loaded, tokenized) is not { } results)
            return ExitCode.Ok;
        var report = TasksJson.Of(context.Get(model), loaded.Tokenizer!, common.Runtime(context.Result), Options(context), context.Get(limit), results);
        if (context.IsJson)
            context.Terminal.Output.WriteLine(JsonSerializer.Serialize(report, Schema.Plain.TasksJson));
        else
            new TasksReport(context.Terminal.Output).Write(report);
        return ExitCode.Ok;
    }

    private TaskOptions Options(CommandContext context) =>
        new(context.Get(maxLength) ?? TaskOptions.DefaultMaxLength, context.Get(special) == FromTokenizer);

    /// <summary>All tasks are read before the first is scored, so that a wrong file does not cost a run.</summary>
    private List<TokenizedTask>? Tokenize(CommandContext context, LoadedModel loaded)
    {
        if (loaded.Tokenizer is not { } tokenizer)
        {
            context.Diagnostics.Add(RuntimeDiagnostics.NoTokenizer, "questions are to be tokenized, but the model has no tokenizer", Place.OfFile(loaded.Path), "pass --tokenizer tokenizer.json");
            return null;
        }

        var tokenized = new List<TokenizedTask>();
        foreach (var (row, path) in context.Get(tasks).Select(Split))
        {
            if (TaskDataReader.Read(row!, path, context.Get(limit), context.Diagnostics) is { } data
                && TokenizedTask.Create(data, tokenizer, loaded.Module.VocabularyRows, Options(context), context.Diagnostics, context.Cancellation) is { } task)
                tokenized.Add(task);
        }

        return context.Diagnostics.HasErrors ? null : tokenized;
    }

    private List<TaskResult>? Score(CommandContext context, LoadedModel loaded, List<TokenizedTask> tokenized)
    {
        var runner = new ModelRunner(loaded.Module, common.Runtime(context.Result));
        var line = new ProgressLine(context.Terminal, "tasks");
        var total = tokenized.Sum(task => task.Tokens);
        var results = new List<TaskResult>();
        var before = 0L;
        foreach (var task in tokenized)
        {
            var progress = new DirectProgress<TaskProgress>(p => line.Report(before + p.Tokens, total, string.Create(CultureInfo.InvariantCulture, $"{task.Data.Task.Name} {p.Questions} of {p.Total}")));
            if (TaskEvaluator.Run(runner, task, context.Diagnostics, progress, context.Cancellation, context.Get(batch)) is not { } result)
                return null;
            results.Add(result);
            before += task.Tokens;
        }

        return results;
    }

    private static Option<string[]> TaskFiles()
    {
        var names = string.Join(", ", TaskTable.All.Select(row => row.Name));
        var option = new Option<string[]>("--task")
        {
            Description = $"A task and a file of its questions, one JSON object a line; may be given several times. Tasks: {names}.",
            HelpName = "NAME=FILE",
            Required = true,
            AllowMultipleArgumentsPerToken = false,
        };
        option.Validators.Add(result =>
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var text in result.Tokens.Select(token => token.Value))
            {
                var (row, path) = Split(text);
                if (row is null || path.Length == 0)
                    result.AddError($"--task: expected NAME=FILE with one of {names}, found '{text}'");
                else if (!seen.Add(row.Name))
                    result.AddError($"--task: expected every task once, found {row.Name} again");
            }
        });
        return option;
    }

    private static (TaskRow? Row, string Path) Split(string text) =>
        text.Split('=', 2) is [var name, var path] ? (TaskTable.Find(name), path) : (null, "");
}
