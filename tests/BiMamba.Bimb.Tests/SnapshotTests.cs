using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.Formats.Spec;
using BiMamba.Testing;

namespace BiMamba.Bimb.Tests;

public sealed class SnapshotTests
{
    [Fact]
    public void The_bytes_of_a_tiny_file_are_these()
    {
        var source = SpecSource.Of("tiny.bimb", TinyModel.Write(TinyModel.Content()));
        var tree = SpecReader.Read(BimbFormat.Spec, source, new DiagnosticBag());
        Golden.Match(Repository.Golden("format", "good", "tiny.bimb.verified.hex"), Text(SpecInspector.Hex(tree, source)));
    }

    [Fact]
    public void The_inspection_of_a_tiny_file_is_this()
    {
        var tree = SpecReader.Read(BimbFormat.Spec, SpecSource.Of("tiny.bimb", TinyModel.Write(TinyModel.Content())), new DiagnosticBag());
        Golden.Match(Repository.Golden("format", "good", "tiny.bimb.verified.txt"), Text(SpecInspector.Print(tree)));
    }

    [Fact]
    public void The_hex_view_shows_every_byte_once()
    {
        var bytes = TinyModel.Write(TinyModel.Content());
        var source = SpecSource.Of("tiny.bimb", bytes);
        var lines = SpecInspector.Hex(SpecReader.Read(BimbFormat.Spec, source, new DiagnosticBag()), source);
        Assert.Equal(bytes, lines.SelectMany(line => line[10..Math.Min(line.Length, 57)].Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(digits => Convert.ToByte(digits, 16)));
    }

    private static string Text(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
