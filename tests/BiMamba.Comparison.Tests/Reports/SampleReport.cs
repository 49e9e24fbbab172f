using BiMamba.Comparison.Published;
using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Tests.Reports;

/// <summary>A report with one of everything that a renderer has to show: its numbers are made up.</summary>
internal static class SampleReport
{
    /// <summary>A name that is markup.</summary>
    public const string Hostile = "<script>alert(\"1\")</script> & a|b_*c*";

    private const int Blocks = 24;

    private static readonly (int From, int To)[] Buckets = [(1, 2), (2, 4), (4, 8), (8, 16), (16, 32), (32, 64), (64, 128), (128, 256), (256, 512), (512, 1024)];

    /// <summary>A full-precision reference, a model trained in 1 bit with another tokenizer, and models made low-bit after training.</summary>
    public static ComparisonReport Make() => new(
        ComparisonReport.Schema, "bimambac 0.1.0", "Mamba-2 370M: 1 bit trained and post-training", "fp16", [.. Rows()],
        [
            new ComparisonCorpus("books", "books-1m.txt", Hash('b'), "gptq", 1024),
            new ComparisonCorpus("ids & code", "code.ids", Hash('c'), "gptq", 1024),
        ],
        ["bimamba-370m has another tokenizer: compare bits per byte.", "The memory of <big> models was not measured."]);

    /// <summary>Two published tables.</summary>
    public static IReadOnlyList<PublishedTable> Published() =>
    [
        new PublishedTable("WikiText-2 perplexity", "https://example.org/paper?a=1&b=2", "v2", ["Mamba-2 780M", "Mamba-2 1.3B"], [new PublishedRow("Mamba-2", "fp16", ["11.8", "10.4"]), new PublishedRow("Mamba-2", "other | 1 bit", [null, "<13.0"])]),
        new PublishedTable("Zero-shot accuracy", "A paper, table 3", "2024", ["average, %"], [new PublishedRow("Model A", "FBI", ["54.6"])]),
    ];

    private static IEnumerable<ComparisonRow> Rows()
    {
        yield return new("fp16", "mamba2-370m", null, "full", new ModelSize(368_000_000, 736_342_016, null, 16.008), new ModelSpeed(11.25, 1_520_435_200, 2), [Result("books", 2.61, null, 0), Result("ids & code", 1.92, null, 1)]);
        yield return new("bimamba-370m", "bimamba-370m.bimb", "fold-fbi{fidelity=latent} | pack{word=64}", "bat", new ModelSize(368_000_000, 98_123_776, 1.012, 2.133), new ModelSpeed(58.5, 210_436_096, 2),
            [Result("books", 2.95, Refused("its tokenizer is not the reference's"), 0) with { Tokenizer = "llama", TokenizerSha256 = Hash('d'), Windows = 61, Tokens = 62_403 }]);
        yield return Made("gptq-4", "gptq{bits=4, group=128, act_order=true, damp=0.01, true_sequential=true} | pack{word=64}", 240_128_000, 4.161, 2.64, 0.021, 20.5);
        yield return Made("gptq-3", "gptq{bits=3, group=128} | pack{word=64}", 197_000_128, 3.156, 2.80, 0.14, null);
        yield return Made("rtn-4", "rtn{bits=4} | pack{word=64}", 238_500_000, 4.02, 2.69, 0.06, 20.75);
        yield return Made("billm", "billm{block=128} | pack{word=64}", 141_900_032, 2.09, 4.21, 1.65, 31);
        yield return Made(Hostile, "xnor{scale=row} | pack{word=64}", 98_400_000, 1.02, double.PositiveInfinity, double.PositiveInfinity, null);
    }

    private static ComparisonRow Made(string name, string method, long bytes, double bits, double nll, double kl, double? speed)
    {
        var versus = double.IsFinite(nll)
            ? new VersusReference(null, kl, kl / 40, 1 / (1 + (2 * kl)), Interval(nll - 2.61), Interval((nll - 2.61) / 3.07), [.. Errors(name, kl)])
            : new VersusReference(null, kl, null, 0.00012, null, null, [.. Errors(name, 9).Take(Blocks - 1), new BlockDifference("layers.23", double.PositiveInfinity)]);
        return new(name, "mamba2-370m", method, "ptb", new ModelSize(368_000_000, bytes, bits, bytes * 8.0 / 368_000_000), speed is { } tokens ? new ModelSpeed(tokens, null, 2) : null, [Result("books", nll, versus, 0)]);
    }

    private static CorpusResult Result(string corpus, double nll, VersusReference? versus, int kind) => new(
        corpus, 63, 64_449, kind == 0 ? "bpe" : "ids", kind == 0 ? Hash('a') : null, "reference", nll, Math.Exp(nll), kind == 0 ? nll / Math.Log(2) / 4.43 : null, versus,
        [.. Buckets.Select((bucket, i) => new PositionMean(bucket.From, bucket.To, nll + (3.2 * Math.Exp(-0.45 * i)) - 0.18))]);

    private static IEnumerable<BlockDifference> Errors(string name, double kl) =>
        Enumerable.Range(0, Blocks).Select(i => new BlockDifference($"layers.{i}", name == "gptq-4" && i == 0 ? 0 : Math.Sqrt(kl) * (0.1 + (0.015 * i) + (i % 7 == 3 ? 0.06 : 0))));

    private static VersusReference Refused(string why) => new(why, null, null, null, null, null, []);

    private static Interval Interval(double value) => new(value, value - 0.004, value + 0.005);

    private static string Hash(char digit) => new(digit, 64);
}
