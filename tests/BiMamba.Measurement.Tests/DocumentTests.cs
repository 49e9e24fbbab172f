using BiMamba.Benchmarks.Document;
using BiMamba.Benchmarks.Results;
using BiMamba.Testing;

namespace BiMamba.Measurement.Tests;

/// <summary>The document is a function of the results.</summary>
public sealed class DocumentTests
{
    private static readonly MachineDescription Machine = new("Some CPU", 2, "AVX2", 16_000_000_000, "Linux X64", ".NET 10");

    [Fact]
    public void Bounds_are_those_of_the_worst_size()
    {
        var bounds = Bound.Of(Sample()).ToDictionary(bound => bound.What, StringComparer.Ordinal);
        var decode = bounds["decode over llama.cpp Q1_0, 1.3b and 2.7b"];
        Assert.Equal(("2.7b", "2.50x", "at least 3.00x", false), (decode.Size, decode.ValueText, decode.LimitText, decode.IsMet));
        var memory = bounds["resident memory while decoding, mapped file included (GB)"];
        Assert.Equal(("0.750", "at most 0.840", true), (memory.ValueText, memory.LimitText, memory.IsMet));
        Assert.Null(bounds["conversion over a plain copy"].IsMet);
    }

    [Fact]
    public void A_ratio_is_the_median_of_the_ratios_of_rounds()
    {
        var model = Sample().Models[0];
        Assert.Equal(4.0, model.Ratio("q1_0", ours => ours.Decode, theirs => theirs.Decode));
        Assert.Null(model.Ratio("q4_0", ours => ours.Decode, theirs => theirs.Decode));
    }

    [Fact]
    public void The_document_is_written_again_from_its_results()
    {
        using var folder = new TemporaryFolder();
        DocumentFiles.Write(Sample(), folder.Path);
        var first = Texts(folder.Path);
        DocumentFiles.Write(DocumentFiles.Read(Path.Combine(folder.Path, "performance", "results.json")), folder.Path);
        Assert.Equal(first, Texts(folder.Path));
        Assert.Equal(
            ["PERFORMANCE.md", "context.svg", "memory.svg", "results.json", "size-decode.svg", "size-prefill.svg", "threads-decode.svg", "threads-prefill.svg"],
            first.Keys.Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        var document = first.Single(pair => pair.Key.EndsWith(".md", StringComparison.Ordinal)).Value;
        Assert.Contains("| 2.7b | 50.0 | 20.0 | 2.50x |", document, StringComparison.Ordinal);
        Assert.DoesNotContain("not measured", document, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_llama_the_document_says_why()
    {
        var sample = Sample();
        var results = sample with { Llama = null, LlamaAbsent = "node was not there", Growth = null, Models = [.. sample.Models.Select(model => model with { Llama = [] })] };
        var document = PerformanceDocument.Write(results);
        Assert.Contains("Columns of llama.cpp are empty: node was not there.", document, StringComparison.Ordinal);
        Assert.Contains("| 2.7b | 50.0 |\n", document, StringComparison.Ordinal);
    }

    private static SortedDictionary<string, string> Texts(string folder) =>
        new(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllText), StringComparer.Ordinal);

    private static PerformanceResults Sample() => new(
        1, Machine, 2, "b1", null,
        [Model("130m", [100, 400, 200], [50, 50, 50]), Model("2.7b", [50], [20])],
        new GrowthResult("130m", [new(1024, 100, null, 50_000_000), new(2048, 100, null, 50_000_000)], [], [new(1, 60, 500, null), new(2, 100, 900, null)]),
        null,
        [new EvaluationResult("some-model", "f32", 2046, 3, 12.5)]);

    private static ModelResult Model(string size, double[] ours, double[] theirs) => new(
        size, 600_000_000, [new("linears", 300_000_000), new("head", 200_000_000)],
        [.. ours.Select(rate => new OurRound(rate, rate * 10, 0.9, 2.1, 1.2, 0.2, 0.1, 3e10, 3e11, new ProcessMemory(150_000_000, 600_000_000, 800_000_000), null))],
        [new LlamaResult("q1_0", 700_000_000, [.. theirs.Select(rate => new LlamaRound(rate, rate * 5, 900_000_000))])]);
}
