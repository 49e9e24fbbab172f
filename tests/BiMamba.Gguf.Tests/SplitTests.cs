using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Gguf.Tests;

/// <summary>Models in several files, as gguf-split of llama.cpp writes them.</summary>
public sealed class SplitTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Any_file_opens_all_in_their_order(int given)
    {
        using var folder = new TemporaryFolder();
        for (var i = 1; i <= 3; i++)
            Write(folder[Name(i)], i - 1, 3, "t" + i);
        var files = GgufReader.OpenModel(folder[Name(given)], new DiagnosticBag())!;
        Assert.Equal(["t1", "t2", "t3"], files.Select(file => Assert.Single(file.Tensors).Name));
        foreach (var file in files)
            file.Dispose();
    }

    [Fact]
    public void One_file_needs_no_name_of_its_own()
    {
        using var folder = new TemporaryFolder();
        Write(folder["a.gguf"], 0, 1, "t");
        Assert.Single(GgufReader.OpenModel(folder["a.gguf"], new DiagnosticBag())!).Dispose();
    }

    [Fact]
    public void What_does_not_belong_together_is_refused()
    {
        using var folder = new TemporaryFolder();
        Write(folder["a.gguf"], 0, 2, "t");
        Assert.Contains("-00001-of-00002.gguf", Fail(folder["a.gguf"], GgufDiagnostics.Split).Message, StringComparison.Ordinal);
        Write(folder["b-00001-of-00002.gguf"], 0, 2, "t");
        Assert.EndsWith("b-00002-of-00002.gguf", Fail(folder["b-00001-of-00002.gguf"], InputDiagnostics.Missing).Place.File, StringComparison.Ordinal);
        Write(folder["b-00002-of-00002.gguf"], 1, 2, "t");
        Assert.Equal("t", Fail(folder["b-00002-of-00002.gguf"], InputDiagnostics.DuplicateTensor).Place.Tensor);
        Write(folder["c-00001-of-00002.gguf"], 0, 2, "t");
        Write(folder["c-00002-of-00002.gguf"], 0, 2, "u");
        Assert.Equal("split.no", Fail(folder["c-00001-of-00002.gguf"], GgufDiagnostics.Split).Place.Field);
        Write(folder["d-00001-of-00002.gguf"], 0, 2, "t", 5);
        Write(folder["d-00002-of-00002.gguf"], 1, 2, "u");
        Assert.Equal("split.tensors.count", Fail(folder["d-00001-of-00002.gguf"], GgufDiagnostics.Split).Place.Field);
        Write(folder["e.gguf"], 0, 60_000, "t");
        Assert.Contains("60000", Fail(folder["e.gguf"], GgufDiagnostics.Split).Message, StringComparison.Ordinal);
    }

    private static string Name(int number) => $"a-{number:D5}-of-00003.gguf";

    private static Diagnostic Fail(string path, DiagnosticDescriptor row)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(GgufReader.OpenModel(path, diagnostics));
        var error = Assert.Single(diagnostics.Items);
        Assert.Equal(row, error.Descriptor);
        return error;
    }

    private static void Write(string path, int number, int count, string tensor, int? tensors = null)
    {
        KeyValuePair<string, GgufValue>[] metadata = [new("split.no", (ushort)number), new("split.count", (ushort)count), .. tensors is { } total ? new KeyValuePair<string, GgufValue>[] { new("split.tensors.count", total) } : []];
        GgufReaderTests.Write(path, metadata, [new(tensor, GgmlType.F32, MemoryTensor.Vector([1, 2]))]).Dispose();
    }
}
