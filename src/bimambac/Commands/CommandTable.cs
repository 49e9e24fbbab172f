using System.CommandLine;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Commands;

/// <summary>Runs the body of a command with everything around it.</summary>
internal delegate Task<int> CommandHost(ParseResult result, Func<CommandContext, ExitCode> body, CancellationToken cancellation);

/// <summary>The command table.</summary>
internal static class CommandTable
{
    /// <summary>The root command with all commands.</summary>
    public static RootCommand Create(CommonOptions common, CommandHost host)
    {
        var root = new RootCommand("Converts, runs and evaluates Mamba and Bi-Mamba checkpoints.");
        root.Add(common.Verbose);
        root.Add(common.Quiet);
        root.Add(common.Debug);
        foreach (var definition in (CommandDefinition[])
        [
            new ConvertCommand(common),
            new EvalCommand(common),
            new CompareCommand(common),
            new TasksCommand(common),
            new SensitivityCommand(common),
            new AuditStateCommand(common),
            new BenchCommand(common),
            new GenerateCommand(common),
            new LogitsCommand(common),
            new TokenizeCommand(common),
            new InspectCommand(common),
            new VerifyCommand(common),
            new RebuildCommand(common),
            new CardCommand(common),
            new ExportCommand(common),
            new OptCommand(common),
            new BisectCommand(common),
            new PassesCommand(common),
            new OpsCommand(common),
            new SpecCommand(common),
            new SynthCommand(common),
            new CompletionsCommand(),
        ])
        {
            definition.Command.SetAction((result, cancellation) => host(result, definition.Run, cancellation));
            root.Add(definition.Command);
        }

        return root;
    }
}

/// <summary>One command: its syntax and what it does.</summary>
internal abstract class CommandDefinition
{
    /// <summary>The syntax.</summary>
    public abstract Command Command { get; }

    /// <summary>Does the work. Errors are in the context's bag; the code is for outcomes that are no error.</summary>
    public abstract ExitCode Run(CommandContext context);
}
