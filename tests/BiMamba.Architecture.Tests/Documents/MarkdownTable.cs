using System.Text;

namespace BiMamba.Architecture.Tests.Documents;

/// <summary>Writes Markdown.</summary>
internal static class MarkdownTable
{
    /// <summary>The head of a generated document.</summary>
    public static void WriteHead(StringBuilder text, string title, string source) =>
        text.Append("# ").AppendLine(title).AppendLine()
            .Append("Generated from ").Append(source).AppendLine(" by `BIMAMBA_BLESS=1 dotnet test -c Release`; do not edit.").AppendLine();

    /// <summary>A table; bars in cells are escaped.</summary>
    public static void Write(StringBuilder text, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        WriteRow(text, columns);
        WriteRow(text, [.. columns.Select(_ => "---")]);
        foreach (var row in rows)
            WriteRow(text, [.. row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))]);
        text.AppendLine();
    }

    private static void WriteRow(StringBuilder text, IReadOnlyList<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
}
