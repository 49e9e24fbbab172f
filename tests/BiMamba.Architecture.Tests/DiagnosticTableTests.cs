using System.Text.RegularExpressions;
using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.Architecture.Tests;

/// <summary>The diagnostic tables.</summary>
public sealed partial class DiagnosticTableTests
{
    public static TheoryData<string> Ids => [.. Rows().Select(row => row.Descriptor.Id)];

    [Fact]
    public void Every_id_stands_once()
    {
        var ids = Rows().Select(row => row.Descriptor.Id).ToArray();
        Assert.True(ids.Length > 50);
        Offenders.None(ids.GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_row_is_well_formed(string id)
    {
        var row = Find(id).Descriptor;
        Assert.Matches(@"^BIM\d{4}$", row.Id);
        Assert.Matches(@"^[A-Z`.].*[^.\s]\.$", row.Summary);
        Assert.True(Enum.IsDefined(row.ExitCode));
        Assert.Equal(row.Severity == Severity.Error, row.ExitCode != ExitCode.Ok);
    }

    /// <summary>The sentence over a table names the hundreds that it holds: <c>BIM10xx: ...</c>.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void A_row_stands_in_the_table_of_its_hundred(string id)
    {
        var table = DiagnosticTable.All().Single(row => row.Rows.Any(field => field.Descriptor.Id == id));
        Assert.Contains(id[..5] + "xx", table.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_names_every_row()
    {
        // A theory of BiMamba.Bimb.Tests breaks every rule that these two list.
        var words = Words(file => file.StartsWith("tests/", StringComparison.Ordinal) || file is "formats/Spec/SpecRules.cs" or "formats/Spec/SpecClasses.cs");
        Offenders.None(Rows().Where(row => !words.Contains(row.Descriptor.Id) && !words.Contains(row.Name)).Select(Describe));
    }

    [Fact]
    public void The_product_uses_every_row()
    {
        var words = Words(file => !file.StartsWith("tests/", StringComparison.Ordinal) && !file.StartsWith("src/BiMamba.Diagnostics/", StringComparison.Ordinal));
        Offenders.None(Rows().Where(row => !words.Contains($"{row.Table}.{row.Name}")).Select(Describe));
    }

    [Fact]
    public void Rows_stand_in_the_tables_only() =>
        Offenders.None(ProductAssemblies.StaticFields()
            .Where(row => row.FieldType == typeof(DiagnosticDescriptor) && row.DeclaringType!.Namespace != DiagnosticTable.Namespace)
            .Select(row => $"{row.DeclaringType}.{row.Name}"));

    private static IEnumerable<DiagnosticRow> Rows() => DiagnosticTable.All().SelectMany(table => table.Rows);

    private static DiagnosticRow Find(string id) => Rows().First(row => row.Descriptor.Id == id);

    private static string Describe(DiagnosticRow row) => $"{row.Descriptor.Id} {row.Table}.{row.Name}";

    /// <summary>Words of sources, and pairs of words with a dot between them.</summary>
    private static HashSet<string> Words(Func<string, bool> isWanted)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in Tracked.Sources().Where(isWanted).Select(Tracked.Text))
        {
            words.UnionWith(Word().Matches(text).Select(match => match.Value));
            words.UnionWith(Pair().Matches(text).Select(match => match.Value));
        }

        return words;
    }

    [GeneratedRegex(@"\w+", RegexOptions.None, 10000)]
    private static partial Regex Word();

    [GeneratedRegex(@"\w+Diagnostics\.\w+", RegexOptions.None, 10000)]
    private static partial Regex Pair();
}
