using System.Globalization;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Testing;

namespace BiMamba.Fuzz.Tests.Limits;

/// <summary>Every limit is kept, and is in the document.</summary>
public sealed class LimitTests
{
    private const string Begin = "<!-- limits: written by tests/BiMamba.Fuzz.Tests, BIMAMBA_BLESS=1 rewrites it -->";
    private const string End = "<!-- end of limits -->";

    public static TheoryData<string> Ids => [.. LimitTable.All.Select(row => row.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_file_over_the_limit_is_refused(string id)
    {
        var row = LimitTable.All.Single(row => row.Id == id);
        using var folder = new ScratchFolder();
        var bag = new DiagnosticBag();
        row.Break(new FuzzInput(folder.Path, ".bin"), bag);
        Assert.True(row.Value > 0);
        if (row.Diagnostic.Length > 0)
            Assert.Contains(bag.Items, item => item.Id == row.Diagnostic && item.Severity == Severity.Error);
        // Ids are counted from 0: the message names the largest. A rule of a spec can be shown with the name of its constant.
        if (row.Diagnostic.Length > 0 && row.Id != "errors")
            Assert.Contains(bag.Items, item => item.Id == row.Diagnostic && (Says(item, row.Value) || Says(item, row.Value - 1) || item.Message.Contains(row.Where[(row.Where.LastIndexOf('.') + 1)..], StringComparison.Ordinal)));
    }

    [Fact]
    public void The_document_has_the_table()
    {
        var path = Path.Combine(Repository.Root, "docs", "SECURITY.md");
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(begin >= 0 && end > begin);
        Golden.Match(path, text[..begin] + Begin + "\n\n" + Table() + "\n" + text[end..]);
    }

    private static bool Says(Diagnostic item, long value) => (item.Message + item.Hint).Contains(value.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string Table()
    {
        var table = new StringBuilder("| limit | of what | value | constant | diagnostic |\n| --- | --- | --- | --- | --- |\n");
        foreach (var row in LimitTable.All)
            table.Append(CultureInfo.InvariantCulture, $"| {row.Id} | {row.What} | {row.Value:#,0} | `{row.Where}` | {(row.Diagnostic.Length > 0 ? row.Diagnostic : "read again")} |\n");
        table.Append("\nMemory that one thread allocates while a file is read, at most, by the kind of file:\n\n| parser | bytes a byte of the file | and |\n| --- | --- | --- |\n");
        foreach (var (name, bound) in MemoryBounds.All)
            table.Append(CultureInfo.InvariantCulture, $"| {name} | {bound.PerByte} | {bound.Constant >> 10:#,0} KiB |\n");
        return table.ToString();
    }
}
