namespace BiMamba.CommandLine.Cards;

/// <summary>A table of Markdown; the cells are escaped by who fills it.</summary>
internal sealed class MarkdownTable(params string[] columns)
{
    private readonly List<string[]> rows = [];

    /// <summary>True where it has no rows.</summary>
    public bool IsEmpty => rows.Count == 0;

    /// <summary>Adds a row: a cell for every column.</summary>
    public void Add(params string[] cells) => rows.Add(cells);

    /// <summary>Writes the table and the empty line behind it. A column in which no row has anything is left out.</summary>
    public void Write(TextWriter writer)
    {
        var used = Enumerable.Range(0, columns.Length).Where(i => rows.Any(row => row[i].Length > 0)).ToArray();
        foreach (var cells in (IEnumerable<string[]>)[columns, [.. columns.Select(_ => "---")], .. rows])
            writer.WriteLine($"| {string.Join(" | ", used.Select(i => cells[i]))} |");
        writer.WriteLine();
    }
}
