using System.CommandLine;
using System.Globalization;
using BiMamba.CommandLine.Commands;
using BiMamba.CommandLine.Completion;
using BiMamba.CommandLine.Console;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.CommandLine;

/// <summary>The entry point: parses, runs one command, and turns every outcome into its documented exit code.</summary>
internal static class Program
{
    private const string Cancelled = "cancelled: no unfinished file is left behind";

    /// <summary>How long a body may take to end after a signal, before it is abandoned: people wait a second.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    /// <summary>Runs the command line of the process.</summary>
    public static async Task<int> Main(string[] args)
    {
        // Numbers have a point, whatever the language of the machine and its settings of .NET are.
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        using var terminal = Terminal.Open();
        return await RunAsync(args, terminal);
    }

    /// <summary>Runs a command line on a terminal.</summary>
    /// <param name="args">Its words.</param>
    /// <param name="terminal">The terminal.</param>
    /// <param name="owner">The token of a command of which this is a part; null where the command line is that of the process, whose signals end it.</param>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken? owner = null)
    {
        var common = new CommonOptions();
        var run = new CommandRun();
        var root = CommandTable.Create(common, (result, body, cancellation) => ExecuteAsync(result, common, terminal, run, body, cancellation));
        // Without response files: a prompt may begin with '@'.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (Suggestions.Question(root, parsed) is { } line)
        {
            foreach (var word in Suggestions.Of(root, line))
                terminal.Output.WriteLine(word);
            return (int)ExitCode.Ok;
        }

        if (parsed.Errors.Count > 0)
        {
            foreach (var error in UsageErrors.Of(parsed))
                terminal.Print(error);
            return (int)ExitCode.Usage;
        }

        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = owner is null ? Patience : null,
            Output = terminal.Output,
            Error = terminal.Error,
        };
        try
        {
            var code = await parsed.InvokeAsync(configuration, owner ?? CancellationToken.None);
            if (!run.TryAbandon())
                return code;
            terminal.WriteLine(Cancelled);
            return (int)ExitCode.Cancelled;
        }
        catch (IOException e)
        {
            // Inputs and outputs report their own errors: what is left is stdout, such as on a full disk.
            terminal.Print(new Diagnostic(OutputDiagnostics.NotWritable, $"the result cannot be written: {e.Message}", new Place("stdout"), "check the free space of its disk"));
            return (int)ExitCode.OutputRefused;
        }
    }

    private static async Task<int> ExecuteAsync(ParseResult result, CommonOptions common, Terminal terminal, CommandRun run, Func<CommandContext, ExitCode> body, CancellationToken cancellation)
    {
        common.Apply(result, terminal);
        run.Begin();
        var context = new CommandContext(result, common, terminal, new DiagnosticBag(), run.Outputs, cancellation);
        try
        {
            // The body is synchronous: on a thread of its own it leaves this one to Ctrl+C.
            var code = await Task.Run(() => run.Do(() => body(context)), CancellationToken.None);
            if (run.IsAbandoned)
                return (int)ExitCode.Cancelled;
            terminal.Print(context.Diagnostics);
            return (int)(context.Diagnostics.HasErrors ? context.Diagnostics.ExitCode : code);
        }
        catch (Exception) when (run.IsAbandoned)
        {
            return (int)ExitCode.Cancelled;
        }
        catch (Exception e) when (IsCancellation(e))
        {
            terminal.WriteLine(Cancelled);
            return (int)ExitCode.Cancelled;
        }
        catch (Exception e) when (InputChangedException.Find(e) is { } changed)
        {
            context.Diagnostics.Add(changed.Diagnostic);
            terminal.Print(context.Diagnostics);
            return (int)context.Diagnostics.ExitCode;
        }
        catch (Exception e) when (FindMemoryFailure(e) is not null)
        {
            terminal.Print(context.Diagnostics);
            terminal.Print(new Diagnostic(CommandDiagnostics.Memory, $"the machine has not enough memory: {FindMemoryFailure(e)!.Message}", Place.None));
            return (int)ExitCode.NotEnough;
        }
        catch (Exception e) when (e is not IOException)
        {
            terminal.Print(context.Diagnostics);
            terminal.WriteLine(result.GetValue(common.Debug)
                ? $"internal error: {e}"
                : $"internal error: {e.GetType().Name}: {e.Message}; this is a bug, --debug shows where");
            return (int)ExitCode.Internal;
        }
    }

    private static bool IsCancellation(Exception e) =>
        e is OperationCanceledException || (e is AggregateException all && all.InnerExceptions.All(inner => inner is OperationCanceledException));

    /// <summary>A failed allocation, on this thread or in a parallel loop.</summary>
    private static OutOfMemoryException? FindMemoryFailure(Exception e) =>
        e as OutOfMemoryException ?? (e as AggregateException)?.Flatten().InnerExceptions.OfType<OutOfMemoryException>().FirstOrDefault();
}
