using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.Formats.Spec;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.Bimb.Tests;

public sealed class SnapshotTests
{
    [Fact]
    public void The_document_follows_the_spec() =>
        Golden.Match(Path.Combine(Repository.Root, "formats", "bimb.md"), SpecDocument.Write(BimbFormat.Spec, "bimb.spec"));

    [Fact]
    public void The_spec_prints_back()
    {
        var printed = SpecPrinter.Print(BimbFormat.Spec);
        Golden.Match(Repository.Golden("format", "good", "bimb.spec.verified.txt"), printed);
        var diagnostics = new DiagnosticBag();
        var again = SpecParser.Parse(new SourceText("printed", printed), diagnostics);
        Assert.True(again is not null, string.Join('\n', diagnostics.Items));
        Assert.Equal(printed, SpecPrinter.Print(again));
    }

    [Fact]
    public void The_bytes_of_a_tiny_file_are_these()
    {
        var source = SpecSource.Of("tiny.bimb", TinyModel.Write(TinyModel.Content()));
        var tree = SpecReader.Read(BimbFormat.Spec, source, new DiagnosticBag());
        Golden.Match(Repository.Golden("format", "good", "tiny.bimb.verified.hex"), SpecInspector.Hex(tree, source));
    }

    [Fact]
    public void The_inspection_of_a_tiny_file_is_this()
    {
        var tree = SpecReader.Read(BimbFormat.Spec, SpecSource.Of("tiny.bimb", TinyModel.Write(TinyModel.Content())), new DiagnosticBag());
        Golden.Match(Repository.Golden("format", "good", "tiny.bimb.verified.txt"), SpecInspector.Print(tree));
    }

    [Fact]
    public void The_hex_view_shows_every_byte_once()
    {
        var bytes = TinyModel.Write(TinyModel.Content());
        var source = SpecSource.Of("tiny.bimb", bytes);
        var lines = SpecInspector.Hex(SpecReader.Read(BimbFormat.Spec, source, new DiagnosticBag()), source).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(bytes, lines.SelectMany(line => line[10..Math.Min(line.Length, 57)].Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(digits => Convert.ToByte(digits, 16)));
    }
}
