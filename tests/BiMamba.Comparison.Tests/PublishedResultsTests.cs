using System.Globalization;
using BiMamba.Comparison.Published;

namespace BiMamba.Comparison.Tests;

public sealed class PublishedResultsTests
{
    private const int Accuracies = 7;

    /// <summary>Rows whose published average is not the mean of what is published beside it.</summary>
    private static readonly string[] Deviating = ["780M GPTQ-2: average 35.2, mean 35.8"];

    [Fact]
    public void Every_table_has_its_source_and_whole_rows()
    {
        Assert.NotEmpty(PublishedResults.All);
        foreach (var table in PublishedResults.All)
        {
            Assert.All((string[])[table.Title, table.Source, table.Version, .. table.Columns], text => Assert.False(string.IsNullOrWhiteSpace(text)));
            Assert.Equal(table.Columns.Count, table.Columns.Distinct(StringComparer.Ordinal).Count());
            Assert.NotEmpty(table.Rows);
            Assert.Equal(table.Rows.Count, table.Rows.DistinctBy(row => (row.Model, row.Method)).Count());
            Assert.All(table.Rows, row =>
            {
                Assert.NotEmpty(row.Model);
                Assert.NotEmpty(row.Method);
                Assert.Equal(table.Columns.Count, row.Values.Count);
                Assert.All(row.Values, value => Assert.NotEqual("", value));
            });
        }
    }

    [Fact]
    public void A_caller_cannot_change_what_the_next_one_sees()
    {
        Assert.NotSame(PublishedResults.All, PublishedResults.All);
        Assert.All(PublishedResults.All, table =>
        {
            Assert.IsNotType<List<PublishedRow>>(table.Rows);
            Assert.All(table.Rows, row => Assert.IsNotType<List<string?>>(row.Values));
        });
    }

    [Theory]
    [InlineData(0, "780M", "FP16", "BoolQ", "61.5")]
    [InlineData(0, "780M", "GPTQ-2", "Wiki2", "1.6e8")]
    [InlineData(0, "780M", "BitNet-1.58", "C4", null)]
    [InlineData(0, "1.3B", "BiLLM", "PTB", "3540.8")]
    [InlineData(0, "1.3B", "Bi-Mamba", "Avg", "48.4")]
    [InlineData(0, "2.7B", "OneBit", "ARC-e", "41.6")]
    [InlineData(0, "2.7B", "Bi-Mamba", "Wiki2", "10.0")]
    [InlineData(1, "2.7B", "Bi-Mamba", "Wiki2", "10.7")]
    [InlineData(1, "2.7B", "Bi-Mamba", "Storage GB", "0.55")]
    [InlineData(1, "2.7B", "Bi-Mamba", "Reduction %", null)]
    public void Figures_stand_as_they_were_published(int table, string model, string method, string column, string? value)
    {
        var found = PublishedResults.All[table];
        var row = Assert.Single(found.Rows, row => row.Model == model && row.Method == method);
        Assert.Equal(value, row.Values[found.Columns.ToList().IndexOf(column)]);
    }

    [Fact]
    public void Every_size_has_six_methods_and_both_versions_are_named()
    {
        Assert.Equal([("780M", 6), ("1.3B", 6), ("2.7B", 6)], PublishedResults.All[0].Rows.GroupBy(row => row.Model).Select(group => (group.Key, group.Count())));
        Assert.Contains("2411.11843v2", PublishedResults.All[0].Version, StringComparison.Ordinal);
        Assert.Contains("2411.11843v1", PublishedResults.All[1].Version, StringComparison.Ordinal);
    }

    /// <summary>A wrong digit of an accuracy would move the mean away from the average, but for the row that deviates where it was published.</summary>
    [Fact]
    public void Averages_are_the_means_of_the_accuracies()
    {
        var table = PublishedResults.All[0];
        Assert.Equal("Avg", table.Columns[Accuracies]);
        var deviating = table.Rows.Select(row => (Row: row, Mean: row.Values.Take(Accuracies).Average(Number), Average: Number(row.Values[Accuracies])))
            .Where(row => Math.Abs(row.Mean - row.Average) > 0.1)
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Row.Model} {row.Row.Method}: average {row.Average:0.0}, mean {row.Mean:0.0}"));
        Assert.Equal(Deviating, deviating);
    }

    private static double Number(string? value) => double.Parse(value!, CultureInfo.InvariantCulture);
}
