using BiMamba.Comparison.Cells;
using BiMamba.Comparison.Results;
using BiMamba.Comparison.RunFiles;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Testing;

namespace BiMamba.Comparison.Tests;

public sealed class CellTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DiagnosticBag bag = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_result_is_found_by_what_it_depends_on()
    {
        var store = new CellStore(folder["work"]);
        var result = Result("a", 1, 2, 3);
        Assert.Null(store.Read(result.Key, bag));
        Assert.True(store.Write(result, bag));
        var found = store.Read(result.Key, bag)!;
        Assert.Equal(result.Windows.Select(window => window.Sum), found.Windows.Select(window => window.Sum));
        Assert.Equal(result.Key.Hash, found.Key.Hash);
        Assert.Null(store.Read(result.Key with { Context = 5 }, bag));
        Assert.Empty(bag.Items);
    }

    [Fact]
    public void Every_part_of_a_key_changes_its_hash()
    {
        var key = Key("a");
        CellKey[] others =
        [
            key with { Tool = "x" }, key with { Model = key.Model with { Files = ["b 2"] } }, key with { Model = key.Model with { Tool = "x" } }, key with { Model = key.Model with { Method = "m" } }, key with { Model = key.Model with { Calibration = "c" } },
            key with { Model = key.Model with { Tokenizer = "t" } }, key with { Reference = null }, key with { Corpus = "x" }, key with { Protocol = "lm-eval" }, key with { Context = 9 }, key with { MaxWindows = 1 },
            key with { Join = "ptb" }, key with { Engine = "reference" }, key with { KlWindows = 2 }, key with { HasSpeed = true },
        ];
        Assert.Equal(others.Length + 1, others.Append(key).Select(other => other.Hash).Distinct().Count());
        Assert.Equal(key.Hash, Key("a").Hash);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"schemaVersion\": 2}")]
    [InlineData("{\"schemaVersion\": 1, \"windows\": [null]}")]
    [InlineData("{\"schemaVersion\": 1, \"key\": null, \"training\": \"full\", \"size\": null, \"speed\": null, \"tokenizer\": \"bytes\", \"tokenizerSha256\": null, \"tokensPerByte\": null, \"windows\": [null], \"divergence\": null, \"refusal\": null}")]
    public void A_damaged_result_is_measured_again(string text)
    {
        var store = new CellStore(folder["work"]);
        var result = Result("a", 1);
        Assert.True(store.Write(result, bag));
        File.WriteAllText(store.PathOf(result.Key), text);
        Assert.Null(store.Read(result.Key, bag));
        Assert.Same(ComparisonDiagnostics.BadCell, Assert.Single(bag.Items).Descriptor);
        Assert.True(store.Write(result, bag));
        Assert.NotNull(store.Read(result.Key, bag));
    }

    [Fact]
    public void A_result_whose_lists_do_not_fit_is_measured_again()
    {
        var store = new CellStore(folder["work"]);
        var result = Result("a", 1);
        CellWindow[] windows = [null!, result.Windows[0] with { Tokens = -1 }, result.Windows[0] with { PositionTokens = [] }, result.Windows[0] with { PositionSums = new double[40], PositionTokens = new int[40] }];
        foreach (var window in windows)
        {
            Assert.True(store.Write(result with { Windows = [window] }, bag));
            Assert.Null(store.Read(result.Key, bag));
        }

        Assert.Equal(windows.Length, bag.Items.Count);
        Assert.All(bag.Items, item => Assert.Same(ComparisonDiagnostics.BadCell, item.Descriptor));
    }

    [Fact]
    public void A_result_of_another_cell_is_none()
    {
        var store = new CellStore(folder["work"]);
        var (one, two) = (Result("a", 1), Result("b", 1));
        Assert.True(store.Write(one, bag));
        File.Move(store.PathOf(one.Key), store.PathOf(two.Key));
        Assert.Null(store.Read(two.Key, bag));
        Assert.Single(bag.Items);
    }

    [Fact]
    public void A_report_has_differences_from_the_reference()
    {
        var run = Run("full", "low", "same");
        var report = ReportBuilder.Build(run, [Result("full", 1, 2, 3, 2), Result("low", 1.5, 2.5, 3.5, 2.5), Result("same", 1, 2, 3, 2)], "tool");
        Assert.Equal("full", report.Reference);
        Assert.Null(report.Rows[0].Results[0].Versus);
        var low = report.Rows[1].Results[0];
        Assert.Equal(2.5 / 10, low.Nll, 1e-12);
        Assert.Equal(Math.Exp(0.25), low.Perplexity, 1e-12);
        Assert.Equal(0.25 / Math.Log(2) * 0.5, low.BitsPerByte!.Value, 1e-12);
        // Every window is worse by the same, so the interval has no width.
        Assert.Equal([0.05, 0.05, 0.05], [low.Versus!.NllDifference!.Low, low.Versus.NllDifference.Estimate, low.Versus.NllDifference.High], (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(0.05 / Math.Log(2) * 0.5, low.Versus.BitsPerByteDifference!.Estimate, 1e-12);
        Assert.Equal(new Interval(0, 0, 0), report.Rows[2].Results[0].Versus!.NllDifference);
        Assert.Equal([new PositionMean(1, 2, 0.2), new PositionMean(2, 4, 0.2)], report.Rows[0].Results[0].Positions.Select(position => position with { Nll = Math.Round(position.Nll, 9) }));
    }

    [Fact]
    public void A_refusal_is_told_instead_of_a_difference()
    {
        var report = ReportBuilder.Build(Run("full", "other"), [Result("full", 1, 2), Result("other", 3, 4) with { Refusal = "the tokenizers differ", Divergence = null }], "tool");
        var versus = report.Rows[1].Results[0].Versus!;
        Assert.Equal("the tokenizers differ", versus.Refusal);
        Assert.Null(versus.NllDifference);
        Assert.Null(versus.Kl);
        Assert.Contains(report.Notes, note => note.Contains("different tokenizers", StringComparison.Ordinal));
    }

    [Fact]
    public void The_run_file_decides_what_a_row_is_called_without_measuring_it_again()
    {
        var run = Run("full", "low") with { Models = [new RunModel("full", "full"), new RunModel("low", "low", Training: "bat")] };
        var report = ReportBuilder.Build(run, [Result("full", 1, 2), Result("low", 1, 2)], "tool");
        Assert.Equal(["ptb", "bat"], report.Rows.Select(row => row.Training));
    }

    private static RunFile Run(params string[] names) => new([.. names.Select(name => new RunModel(name, name))], [new RunCorpus("t", "t.txt")]);

    private static CellKey Key(string model) =>
        new("tool", new ModelKey("tool", [model], null, null, null), new ModelKey("tool", ["reference"], null, null, null), "corpus", "gptq", 4, null, "none", "fast", 16, false);

    private static CellResult Result(string model, params double[] sums) => new(
        CellResult.Schema, Key(model), "ptb", new ModelSize(1, 1, 1, 1), null, "bytes", "hash", 0.5,
        [.. sums.Select(sum => new CellWindow(sum, 10, [sum * 0.2, sum * 0.8], [2, 8]))], new CellDivergence(1, 0.1, null, 0.9, [new BlockDifference("layers.0", 0.1)]), null);
}
