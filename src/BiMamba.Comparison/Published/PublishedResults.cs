using System.Collections.Immutable;
using System.Text.Json;

namespace BiMamba.Comparison.Published;

/// <summary>Results of others, to stand beside what is measured. They are quoted, never corrected.</summary>
/// <remarks>
/// What a source leaves open is null. One published average is not the mean of its row: 780M GPTQ-2 has 35.2, its seven
/// accuracies give 35.8.
/// </remarks>
public static class PublishedResults
{
    private const string Resource = "BiMamba.Comparison.published.json";

    /// <summary>All tables, read anew at each call.</summary>
    public static IReadOnlyList<PublishedTable> All
    {
        get
        {
            using var stream = typeof(PublishedResults).Assembly.GetManifestResourceStream(Resource)
                ?? throw new InvalidOperationException($"the resource {Resource} is missing");
            var tables = JsonSerializer.Deserialize(stream, PublishedJson.Default.IReadOnlyListPublishedTable)
                ?? throw new InvalidOperationException($"the resource {Resource} holds no tables");
            return tables.Select(Freeze).ToImmutableArray();
        }
    }

    private static PublishedTable Freeze(PublishedTable table) =>
        table with { Columns = table.Columns.ToImmutableArray(), Rows = table.Rows.Select(row => row with { Values = row.Values.ToImmutableArray() }).ToImmutableArray() };
}
