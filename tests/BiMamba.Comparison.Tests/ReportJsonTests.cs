using System.Text.Json;
using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Tests;

public sealed class ReportJsonTests
{
    [Fact]
    public void A_report_reads_back_as_it_was_written()
    {
        var versus = new VersusReference(null, 0.25, 0.01, 0.75, new Interval(0.1, 0.05, 0.15), new Interval(0.03, 0.02, 0.04), [new BlockDifference("layers.0", 0.5)]);
        var result = new CorpusResult("held", 4, 4092, "bpe", new string('a', 64), "reference", 1.5, Math.Exp(1.5), 0.75, versus, [new PositionMean(1, 1024, 1.5)]);
        var row = new ComparisonRow("gptq-4", "small", "gptq{bits=4} | pack", "ptb", new ModelSize(100, 50, 4.25, 4.5), new ModelSpeed(100.5, 1 << 20, 2), [result]);
        var report = new ComparisonReport(ComparisonReport.Schema, "bimambac 1", "title", "fp16", [row], [new ComparisonCorpus("held", "held.txt", new string('b', 64), "gptq", 1024)], ["note"]);
        var text = JsonSerializer.Serialize(report, ReportJson.Default.ComparisonReport);
        Assert.Equal(text, JsonSerializer.Serialize(JsonSerializer.Deserialize(text, ReportJson.Default.ComparisonReport), ReportJson.Default.ComparisonReport));
    }
}
