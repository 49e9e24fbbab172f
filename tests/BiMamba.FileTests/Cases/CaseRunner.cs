using System.Text;
using System.Text.RegularExpressions;
using BiMamba.CommandLine.Tests;
using BiMamba.Diagnostics;
using BiMamba.FileTests.Cases.Inputs;

namespace BiMamba.FileTests.Cases;

/// <summary>Runs a case and writes it anew with what really came out.</summary>
internal static partial class CaseRunner
{
    /// <summary>The whole case file with the actual results.</summary>
    /// <param name="text">The case file.</param>
    /// <exception cref="CaseException">The file does not follow its form.</exception>
    public static async Task<string> Run(string text)
    {
        var file = CaseParser.Parse(text);
        using var folder = new CaseFolder();
        var rendered = new StringBuilder();
        CaseStep? previous = null;
        foreach (var step in file.Steps)
        {
            if (step is CaseCommand || (previous is CaseCommand or CaseInput { Source.Count: > 1 }))
                rendered.Append('\n');
            foreach (var line in step.Source)
                rendered.Append(line.Text).Append('\n');
            if (step is CaseInput input)
                await CaseInputs.Apply(input, folder);
            else if (step is CaseCommand command)
                rendered.Append(await Execute(command, folder));
            previous = step;
        }

        return rendered.ToString();
    }

    private static async Task<string> Execute(CaseCommand command, CaseFolder folder)
    {
        var before = folder.Listing();
        var outcome = await Outcome(command, folder);
        var files = Changes(before, folder.Listing());
        Assert.False(TypeName().IsMatch(outcome.Output + outcome.Error), $"line {command.Line}: the name of a type is printed: {TypeName().Match(outcome.Output + outcome.Error).Value}");
        CheckFailure(command, outcome, files);
        var output = outcome.Output.StartsWith('{') && command.Arguments.Contains("--json")
            ? CaseNormalization.Json(outcome.Output, folder.Scrub)
            : CaseNormalization.Text(folder.Scrub(outcome.Output));
        var note = (command.MayPrint && outcome.Output.Length > 0 ? ", with output" : "") + (command.MayWrite && files.Length > 0 ? ", with files" : "");
        return $"exit {(int)outcome.Code}{note}\n" + Section("stderr", CaseNormalization.Text(folder.Scrub(outcome.Error))) + Section("stdout", output) + Section("files", files);
    }

    private static async Task<Outcome> Outcome(CaseCommand command, CaseFolder folder)
    {
        string[] args = [.. command.Arguments.Skip(1).Select(folder.Expand)];
        if (command.Arguments[0] == "cat")
            return new Outcome(ExitCode.Ok, await File.ReadAllTextAsync(args.Single(), TestContext.Current.CancellationToken), "");
        if (!args.Contains("--help"))
            return await Cli.Run(args);
        // The width of help is that of a redirected stdout, which only a child process is sure to have.
        var outcome = await Child.Run(args);
        return outcome with { Output = string.Join('\n', outcome.Output.Split('\n').Select(line => line.TrimEnd())) };
    }

    /// <summary>What no bless may accept: a failure that leaves data on stdout or changes files, and a bug.</summary>
    private static void CheckFailure(CaseCommand command, Outcome outcome, string files)
    {
        if (outcome.Code == ExitCode.Ok)
            return;
        var what = $"line {command.Line}: {command.Source[0].Text}\n{outcome.Error}";
        Assert.False(outcome.Code == ExitCode.Internal || outcome.Error.Contains("internal error", StringComparison.Ordinal) || outcome.Error.Contains("Exception", StringComparison.Ordinal)
            || outcome.Error.Contains("   at ", StringComparison.Ordinal), "a bug, not an error: " + what);
        Assert.True(outcome.Error.Contains("error BIM", StringComparison.Ordinal) || command.MayPrint, "a failure without its error: " + what);
        Assert.True(outcome.Output.Length == 0 || command.MayPrint, "a failure prints to stdout: " + what + outcome.Output);
        Assert.True(files.Length == 0 || command.MayWrite, "a failure changes files: " + what + files);
    }

    private static string Section(string name, string text)
    {
        if (text.Length == 0)
            return "";
        var isWhole = text.EndsWith('\n');
        var lines = text.ReplaceLineEndings("\n").Split('\n').AsSpan()[..(isWhole ? ^1 : ^0)];
        return $"-- {name}{(isWhole ? "" : " without the last line end")} --\n" + string.Concat(lines.ToArray().Select(line => CaseParser.Escape(line) + "\n"));
    }

    private static string Changes(SortedDictionary<string, string> before, SortedDictionary<string, string> after)
    {
        var lines = new StringBuilder();
        foreach (var name in before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var old = before.GetValueOrDefault(name);
            var now = after.GetValueOrDefault(name);
            if (old != now)
                lines.Append(now is null ? $"gone {name}\n" : $"{(old is null ? "new" : "changed")} {name} {now[..now.IndexOf(' ', StringComparison.Ordinal)]} bytes\n");
        }

        return lines.ToString();
    }

    /// <summary>The name of a generic or nested type, which stands in an output only where an object is printed by mistake.</summary>
    [GeneratedRegex(@"\b(System|BiMamba)(\.\w+)+([+`]\S+)", RegexOptions.ExplicitCapture, 10000)]
    private static partial Regex TypeName();
}
