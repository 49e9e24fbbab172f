using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.Spec.Tests;

/// <summary>Documents, printed specs and inspections as they are committed.</summary>
public sealed class FormatSnapshotTests
{
    public static TheoryData<string> Formats => [.. FormatTable.All.Select(row => row.Name)];

    [Fact]
    public void Every_spec_has_a_row_and_every_row_a_spec() => Assert.Equal(
        Directory.GetFiles(Path.Combine(Repository.Root, "formats"), "*.spec").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
        FormatTable.All.Select(row => row.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_document_follows_the_spec(string format)
    {
        var row = FormatTable.Find(format)!;
        Assert.Equal(format, row.Spec.Name);
        Golden.Match(Path.Combine(Repository.Root, "formats", $"{format}.md"), SpecDocument.Write(row.Spec, row.SpecName));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_spec_prints_back(string format)
    {
        var printed = SpecPrinter.Print(FormatTable.Find(format)!.Spec);
        Golden.Match(Repository.Golden("format", "good", $"{format}.spec.verified.txt"), printed);
        var diagnostics = new DiagnosticBag();
        var again = SpecParser.Parse(new SourceText("printed", printed), diagnostics);
        Assert.True(again is not null, string.Join('\n', diagnostics.Items));
        Assert.Equal(printed, SpecPrinter.Print(again));
    }

    [Theory]
    [InlineData("gguf")]
    [InlineData("safetensors")]
    public void The_inspection_of_a_tiny_file_is_this(string format)
    {
        var source = SpecSource.Of("tiny", format == "gguf" ? TinyFiles.Gguf() : TinyFiles.Safetensors());
        var diagnostics = new DiagnosticBag();
        var tree = SpecReader.Read(FormatTable.Find(format)!.Spec, source, diagnostics);
        Assert.Empty(diagnostics.Items);
        Golden.Match(Repository.Golden("format", "good", $"tiny.{format}.verified.txt"), Text(SpecInspector.Print(tree)));
        Golden.Match(Repository.Golden("format", "good", $"tiny.{format}.verified.hex"), Text(SpecInspector.Hex(tree, source)));
        var shown = SpecInspector.Hex(tree, source).SelectMany(line => line[10..Math.Min(line.Length, 57)].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(Enumerable.Range(0, (int)source.Length).Select(i => source.Span(i, 1)[0]), shown.Select(digits => Convert.ToByte(digits, 16)));
    }

    [Fact]
    public void A_long_region_is_cut_in_the_hex_view()
    {
        var source = SpecSource.Of("long", (byte[])[.. TinyFiles.Safetensors(), .. new byte[10_000]]);
        var lines = SpecInspector.Hex(SpecReader.Read(FormatTable.Safetensors.Spec, source, new DiagnosticBag()), source).ToArray();
        Assert.EndsWith($"  {10_016 - 4096} more bytes of data", lines[^1], StringComparison.Ordinal);
        Assert.True(lines.Length < 300);
    }

    /// <summary>Specs that are refused: the text, then its diagnostics as comments.</summary>
    public static TheoryData<string> Refused => [.. Directory.GetFiles(Repository.Golden("format", "bad"), "*.spec").Select(file => Path.GetFileName(file)).Where(name => !name.Contains(".received.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_refused_spec_says_why(string name)
    {
        const string Mark = "\n; expect:\n";
        var path = Repository.Golden("format", "bad", name);
        var text = File.ReadAllText(path).ReplaceLineEndings("\n").Split(Mark)[0].TrimEnd() + "\n";
        var diagnostics = new DiagnosticBag();
        Assert.Null(SpecParser.Parse(new SourceText(name, text), diagnostics));
        Assert.All(diagnostics.Items, item => Assert.StartsWith(item.Id, name, StringComparison.Ordinal));
        Golden.Match(path, text + Mark + Text(diagnostics.Items.SelectMany(item => item.ToString().Split('\n')).Select(line => $"; {line}".TrimEnd())));
    }

    private static string Text(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
