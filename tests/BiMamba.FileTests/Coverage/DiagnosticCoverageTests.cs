using System.Reflection;
using System.Text.RegularExpressions;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Testing;

namespace BiMamba.FileTests.Coverage;

/// <summary>Every diagnostic stands in a golden file, as it is printed: <c>error BIM1301</c>.</summary>
public sealed partial class DiagnosticCoverageTests
{
    /// <summary>
    /// The rows that no command line gives on every machine: why, and the test that gives them. A row leaves this table
    /// when a golden file has it.
    /// </summary>
    private static readonly Exception[] Exceptions =
    [
        new("BIM1007", "another process changes the file while it is read", "BiMamba.CommandLine.Tests/Faults/InputFaultTests.cs", "InputDiagnostics.Changed"),
        new("BIM1151", "it needs names of 100 megabytes together", "BiMamba.Readers.Tests/Safetensors/SafetensorsWriterTests.cs", "SafetensorsDiagnostics.WriteHeaderTooLarge"),
        new("BIM1319", "the command line refuses an unknown --fidelity first", "BiMamba.Frontend.Tests/FailureTests.cs", "FrontendDiagnostics.FidelityOption"),
        new("BIM1415", "no command turns ids of a file into text", "BiMamba.Tokenizers.Tests/BytesTokenizerTests.cs", "BIM1415"),
        new("BIM2113", "a command line has at least one sample", "BiMamba.IR.Tests/Passes/LowBitPassTests.cs", "BIM2113"),
        new("BIM4021", "no input of a case is a file with a column order", "BiMamba.Bimb.Tests/ColumnOrderTests.cs", "BimbDiagnostics.ColumnOrder"),
        new("BIM6101", "the command line refuses an unknown --arch first", "BiMamba.Synthesis.Tests/TableTests.cs", "SynthesisDiagnostics.UnknownArchitecture"),
        new("BIM6102", "the command line refuses an unknown --size first", "BiMamba.Synthesis.Tests/TableTests.cs", "SynthesisDiagnostics.UnknownSize"),
        new("BIM6307", "no small checkpoint of a case has another width", "BiMamba.Export.Tests/GgufExportTests.cs", "ExportDiagnostics.Reader"),
        new("BIM7103", "the name of the file of a result is a hash that has the version of the tool", "BiMamba.Comparison.Tests/CellTests.cs", "ComparisonDiagnostics.BadCell"),
        new("BIM6104", "the command line refuses an unknown --dtype first", "BiMamba.Synthesis.Tests/TableTests.cs", "SynthesisDiagnostics.UnknownType"),
    ];

    private static readonly string[] TextForms = [".case", ".bmir", ".txt", ".spec", ".pipeline", ".json"];

    private static readonly DiagnosticDescriptor[] Rows =
    [
        .. typeof(CommandDiagnostics).Assembly.GetTypes().Where(type => type is { Namespace: "BiMamba.Diagnostics.Tables", IsNested: false })
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(field => field.FieldType == typeof(DiagnosticDescriptor))
            .Select(field => (DiagnosticDescriptor)field.GetValue(null)!).OrderBy(row => row.Id, StringComparer.Ordinal),
    ];

    /// <summary>The diagnostics of the golden files, each with the files that show it.</summary>
    private static readonly Lazy<ILookup<string, string>> Shown = new(() => Directory.EnumerateFiles(Repository.Golden(), "*", SearchOption.AllDirectories)
        .Where(file => TextForms.Contains(Path.GetExtension(file)) && !file.Contains(".received.", StringComparison.Ordinal))
        .SelectMany(file => Printed().Matches(File.ReadAllText(file)).Select(match => (Text: $"{match.Groups["severity"].Value} {match.Groups["id"].Value}", File: file)))
        .ToLookup(row => row.Text, row => row.File, StringComparer.Ordinal));

    [Fact]
    public void Every_diagnostic_is_shown_in_a_golden_file_or_excepted()
    {
        var excepted = Exceptions.Select(row => row.Id).ToHashSet(StringComparer.Ordinal);
        Offenders.None(Rows.Where(row => !excepted.Contains(row.Id) && !Shown.Value.Contains(Print(row))).Select(row => $"{row.Id}: {row.Summary}"));
    }

    [Fact]
    public void Every_diagnostic_of_a_golden_file_is_in_a_table() =>
        Offenders.None(Shown.Value.Select(group => group.Key).Except(Rows.Select(Print), StringComparer.Ordinal));

    [Fact]
    public void Every_exception_is_needed_and_names_a_test_that_gives_the_row()
    {
        var rows = Rows.ToDictionary(row => row.Id, StringComparer.Ordinal);
        Assert.All(Exceptions, exception =>
        {
            Assert.False(Shown.Value.Contains(Print(rows[exception.Id])), $"{exception.Id} is shown in a golden file");
            Assert.Contains(exception.Mention, File.ReadAllText(Path.Combine(Repository.Root, "tests", exception.Test)), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_name_of_a_file_of_a_failure_begins_with_the_diagnostic_that_it_shows()
    {
        var files = ((string[])[Repository.Golden("cli", "bad"), Repository.Golden("format", "bad")])
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)).Where(file => !file.Contains(".received.", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(files);
        Offenders.None(files.Where(file => Rows.SingleOrDefault(row => Path.GetFileName(file).StartsWith(row.Id + "-", StringComparison.Ordinal)) is not { } shown || !Shown.Value[Print(shown)].Contains(file)));
    }

    private static string Print(DiagnosticDescriptor row) => row.Severity switch
    {
        Severity.Error => "error ",
        Severity.Warning => "warning ",
        _ => "note ",
    } + row.Id;

    [GeneratedRegex(@"\b(?<severity>error|warning|note):? (?<id>BIM\d{4})\b", RegexOptions.ExplicitCapture, 10000)]
    private static partial Regex Printed();

    /// <param name="Id">The row.</param>
    /// <param name="Reason">Why no command line gives it.</param>
    /// <param name="Test">The file below tests/ whose test gives it.</param>
    /// <param name="Mention">What that file says of it.</param>
    private sealed record Exception(string Id, string Reason, string Test, string Mention);
}
