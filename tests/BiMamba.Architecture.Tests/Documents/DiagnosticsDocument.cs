using System.Globalization;
using System.Text;
using BiMamba.Diagnostics;

namespace BiMamba.Architecture.Tests.Documents;

/// <summary>docs/diagnostics.md: exit codes, and every row of the diagnostic tables.</summary>
internal static class DiagnosticsDocument
{
    public static string Write()
    {
        var text = new StringBuilder();
        MarkdownTable.WriteHead(text, "Diagnostics", "`src/BiMamba.Diagnostics`");
        text.AppendLine("A diagnostic is printed as `error BIM1001: place: message; hint: what to do`. Ids are stable.").AppendLine();
        text.AppendLine("## Exit codes").AppendLine();
        text.AppendLine("A command ends with the exit code of its first error.").AppendLine();
        MarkdownTable.Write(
            text,
            ["code", "name", "meaning"],
            Enum.GetValues<ExitCode>().Select(code => (string[])[Number(code), code.ToString(), XmlDocumentation.Summary(typeof(ExitCode).GetField(code.ToString())!)]));
        foreach (var table in DiagnosticTable.All())
        {
            text.Append("## ").AppendLine(table.Summary.TrimEnd('.')).AppendLine();
            MarkdownTable.Write(
                text,
                ["id", "severity", "exit code", "sentence"],
                table.Rows.Select(row => (string[])
                [
                    row.Descriptor.Id,
                    row.Descriptor.Severity.ToString().ToLowerInvariant(),
                    row.Descriptor.Severity == Severity.Error ? $"{Number(row.Descriptor.ExitCode)} {row.Descriptor.ExitCode}" : "",
                    row.Descriptor.Summary,
                ]));
        }

        return text.ToString().TrimEnd() + "\n";
    }

    private static string Number(ExitCode code) => ((int)code).ToString(CultureInfo.InvariantCulture);
}
