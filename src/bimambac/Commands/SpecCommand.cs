using System.CommandLine;
using System.Text.Json;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Spec;
using BiMamba.Text;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac spec: the file formats that a spec describes.</summary>
internal sealed class SpecCommand : CommandDefinition
{
    private readonly Argument<string?> format = new("format") { Description = $"The format: {Names}.", HelpName = "format", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> source = new("--source") { Description = "Print the text of the spec instead of its document." };

    /// <summary>Makes the syntax.</summary>
    public SpecCommand(CommonOptions common)
    {
        format.CompletionSources.Add([.. FormatTable.All.Select(row => row.Name)]);
        Command = new Command("spec", "Prints the document of a file format, or lists the formats.\nExample: bimambac spec bimb") { format, source, common.Json };
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    private static string Names => string.Join(", ", FormatTable.All.Select(row => row.Name));

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        var name = context.Result.GetValue(format);
        if (context.Get(source) && context.IsJson)
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "expected at most one of --json and --source", Place.None);
        else if (name is null)
            PrintList(context);
        else if (FormatTable.Find(name) is { } row)
            PrintFormat(context, row);
        else
            context.Diagnostics.Add(CommandDiagnostics.Usage, $"there is no format '{name}'", Place.None, NearestName.Hint(name, FormatTable.All.Select(known => known.Name)));
        return ExitCode.Ok;
    }

    private void PrintList(CommandContext context)
    {
        if (context.Get(source))
        {
            context.Diagnostics.Add(CommandDiagnostics.Usage, $"--source: expected a format, one of {Names}, found none", Place.None, "name the format: bimambac spec bimb --source");
            return;
        }

        var writer = context.Terminal.Output;
        if (context.IsJson)
        {
            writer.WriteLine(JsonSerializer.Serialize(SpecReport.List(), Schema.Plain.SpecsJson));
            return;
        }

        foreach (var row in FormatTable.All)
            writer.WriteLine($"{row.Name}: version {row.Spec.Version}, {row.Summary}");
    }

    private void PrintFormat(CommandContext context, FormatRow row)
    {
        var writer = context.Terminal.Output;
        if (context.IsJson)
            writer.WriteLine(JsonSerializer.Serialize(SpecReport.Of(row), Schema.Plain.SpecJson));
        else
            writer.Write(context.Get(source) ? row.SpecText : SpecDocument.Write(row.Spec, row.SpecName));
    }
}
