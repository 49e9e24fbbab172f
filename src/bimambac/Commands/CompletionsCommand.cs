using System.CommandLine;
using BiMamba.CommandLine.Completion;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac completions: the text by which a shell completes command lines.</summary>
internal sealed class CompletionsCommand : CommandDefinition
{
    private readonly Argument<string> shell = new("shell") { Description = $"The shell: {string.Join(", ", CompletionScript.All.Select(row => row.Shell))}.", HelpName = "shell" };

    /// <summary>Makes the syntax.</summary>
    public CompletionsCommand()
    {
        string[] words = [.. CompletionScript.All.Select(row => row.Shell)];
        shell.CompletionSources.Add(words);
        shell.Validators.Add(result =>
        {
            foreach (var found in result.Tokens.Select(token => token.Value).Except(words, StringComparer.Ordinal))
                result.AddError($"shell: expected one of {string.Join(", ", words)}, found '{found}'");
        });
        Command = new Command("completions", "Prints the script by which a shell completes commands, options and their words.\nExample: bimambac completions bash") { shell };
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        context.Terminal.Output.Write(CompletionScript.All.Single(row => row.Shell == context.Get(shell)).Read());
        return ExitCode.Ok;
    }
}
