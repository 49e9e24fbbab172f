using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Runtime;

namespace BiMamba.Evaluation.Tests;

/// <summary>The windows and sums of the protocols other than gptq.</summary>
public sealed class ProtocolTests
{
    private const double Bound = 1e-6;

    private static readonly float Log2 = MathF.Log(2);

    /// <summary>After token 0 all four are equally likely; after token 1 they have 1/8, 2/8, 1/8 and 4/8.</summary>
    private static readonly ToyModel Model = new()
    {
        Table = [[0, 0, 0, 0], [0, Log2, 0, 0], [0, 0, 0, 0], [0, 2 * Log2, 0, 0]],
    };

    [Theory]
    [InlineData(512, 255)]
    [InlineData(5, 2)]
    [InlineData(4, 1)]
    [InlineData(3, 1)]
    [InlineData(2, 1)]
    public void Llamacpp_scores_the_second_half(int context, int scored)
    {
        var plan = Plan(Protocol.LlamaCpp, context, null, Random((2 * context) + 1, 7));
        Assert.Equal(2, plan.Count);
        Assert.All(plan.Windows, window => Assert.Equal(scored, window.ScoredTokens));
        Assert.Equal(2 * scored, plan.ScoredTokens);
        Assert.Equal(plan.Corpus.Ids[context..(2 * context)], plan.Window(1).ToArray());
    }

    [Fact]
    public void Llamacpp_wants_two_windows()
    {
        var bag = new DiagnosticBag();
        Assert.Null(WindowPlanner.Create(Protocol.LlamaCpp, Corpora.OfIds(Random(7, 1)), 4, null, bag));
        Assert.Contains("two windows of 4 tokens, found 7", Assert.Single(bag.Items).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Llamacpp_begins_every_window_as_the_tokenizer_begins_a_text()
    {
        var corpus = Corpora.OfIds(1, 2, 3, 3, 3, 3) with { BeginOfText = 1 };
        var plan = WindowPlanner.Create(Protocol.LlamaCpp, corpus, 3, null, new DiagnosticBag())!;
        Assert.Equal([1, 2, 3], plan.Window(0).ToArray());
        Assert.Equal([1, 3, 3], plan.Window(1).ToArray());
        Assert.Equal([1, 2, 3, 3, 3, 3], corpus.Ids);
    }

    [Fact]
    public void Llamacpp_has_the_mean_over_tokens_and_its_standard_error()
    {
        // Scored: 1 -> 3 (ln 2), 3 -> 1 (ln 4); 1 -> 0 (ln 8), 0 -> 0 (ln 4).
        var result = Run(Plan(Protocol.LlamaCpp, 5, null, [0, 0, 1, 3, 1, 0, 0, 1, 0, 0]));
        Assert.Equal(4, result.Tokens);
        Assert.Equal(2 * Math.Log(2), result.Nll, Bound);
        var variance = Math.Log(2) * Math.Log(2) * (((1 + 4 + 9 + 4) / 4.0) - 4);
        Assert.Equal(4 * Math.Sqrt(variance / 3), result.StandardError!.Value, 1e-5);
        Assert.Null(Run(Plan(Protocol.Gptq, 5, null, [0, 0, 1, 3, 1])).StandardError);
    }

    [Theory]
    [InlineData(4, new[] { 1 })]
    [InlineData(4, new[] { 4 })]
    [InlineData(4, new[] { 5 })]
    [InlineData(4, new[] { 8, 3, 11 })]
    [InlineData(1, new[] { 3 })]
    [InlineData(7, new[] { 0, 20, 1 })]
    public void Rolling_windows_score_every_token_once_from_a_full_context(int context, int[] lengths)
    {
        const int Prefix = 99;
        var ids = Enumerable.Range(0, lengths.Sum()).ToArray();
        var corpus = Corpora.OfIds(ids) with { Prefix = Prefix, Documents = [.. lengths.Select((length, i) => new CorpusDocument(lengths[..i].Sum(), length))] };
        var plan = WindowPlanner.Create(Protocol.LmEval, corpus, context, null, new DiagnosticBag())!;
        var scored = new List<int>();
        foreach (var window in plan.Windows)
        {
            var tokens = window.Ids.ToArray();
            Assert.InRange(tokens.Length, 2, context + 1);
            var targets = tokens[(window.FirstScored + 1)..];
            scored.AddRange(targets);
            var document = corpus.Documents.Single(d => targets[0] >= d.First && targets[0] < d.First + d.Count);
            if (targets[0] == document.First)
                Assert.Equal(Prefix, tokens[0]);
            else
                Assert.Equal(context + 1, tokens.Length);
            Assert.Equal(tokens[^1] - tokens.Length + 2, tokens[1]);
        }

        Assert.Equal(ids, scored);
        Assert.Equal(ids.Length, plan.ScoredTokens);
        Assert.Equal(ids, plan.Ids.ToArray());
    }

    [Fact]
    public void Rolling_windows_overlap_in_context_only_in_the_last()
    {
        var corpus = Corpora.OfIds(10, 11, 12, 13, 14, 15, 16, 17, 18) with { Prefix = 9 };
        var plan = WindowPlanner.Create(Protocol.LmEval, corpus, 4, null, new DiagnosticBag())!;
        Assert.Equal([[9, 10, 11, 12, 13], [13, 14, 15, 16, 17], [14, 15, 16, 17, 18]], plan.Windows.Select(window => window.Ids.ToArray()));
        Assert.Equal([0, 0, 3], plan.Windows.Select(window => window.FirstScored));
        Assert.Equal(2, WindowPlanner.Create(Protocol.LmEval, corpus, 4, 2, new DiagnosticBag())!.Count);
    }

    [Fact]
    public void Rolling_sums_are_given_by_word_byte_and_bit()
    {
        // 1 -> 3: ln 2, 3 -> 1: ln 4, 1 -> 1: ln 4.
        var corpus = new Corpus("text", "", 6, [3, 1, 1], "bytes", null) { Prefix = 1, Words = 2 };
        var result = Run(WindowPlanner.Create(Protocol.LmEval, corpus, 8, null, new DiagnosticBag())!);
        Assert.Equal(3, result.Tokens);
        Assert.Equal(5 * Math.Log(2) / 3, result.Nll, Bound);
        Assert.Equal(5.0 / 6, result.BitsPerByte!.Value, Bound);
        Assert.Equal(Math.Pow(2, 5.0 / 6), result.BytePerplexity!.Value, Bound);
        Assert.Equal(Math.Pow(2, 2.5), result.WordPerplexity!.Value, 1e-5);
    }

    [Fact]
    public void Rolling_windows_need_a_token_to_begin_with()
    {
        var bag = new DiagnosticBag();
        Assert.Null(WindowPlanner.Create(Protocol.LmEval, Corpora.OfIds(1, 2), 4, null, bag));
        Assert.Same(RuntimeDiagnostics.NoPrefix, Assert.Single(bag.Items).Descriptor);
        Assert.Equal(2, (int)bag.ExitCode);
    }

    [Fact]
    public void An_empty_document_is_no_window()
    {
        var bag = new DiagnosticBag();
        Assert.Null(WindowPlanner.Create(Protocol.LmEval, Corpora.OfIds() with { Prefix = 0 }, 4, null, bag));
        Assert.Same(RuntimeDiagnostics.TextTooShort, Assert.Single(bag.Items).Descriptor);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(128)]
    public void Chunks_and_batches_do_not_change_a_bit(int chunk)
    {
        var ids = Random(300, 4);
        var model = Model with { LooksBack = true };
        foreach (var protocol in (Protocol[])[Protocol.LlamaCpp, Protocol.LmEval])
        {
            var plan = WindowPlanner.Create(protocol, Corpora.OfIds(ids) with { Prefix = 0 }, 17, null, new DiagnosticBag())!;
            var expected = Run(plan, model);
            foreach (var batch in (int[])[1, 3, 8])
            {
                var found = Evaluator.Run(model.Runner(chunk), plan, new DiagnosticBag(), null, TestContext.Current.CancellationToken, batch)!;
                Assert.Equal(expected.WindowNll, found.WindowNll);
                Assert.Equal(expected.Windows.SelectMany(window => window.Positions), found.Windows.SelectMany(window => window.Positions));
            }
        }
    }

    [Fact]
    public void Positions_are_powers_of_two_and_add_up()
    {
        var result = Run(Plan(Protocol.Gptq, 9, null, Random(27, 4)));
        foreach (var window in result.Windows)
        {
            Assert.Equal([1, 2, 4, 1], window.Positions.Select(position => position.Tokens));
            Assert.Equal(window.Sum, window.Positions.Sum(position => position.Sum), Bound);
        }

        // Of ten tokens llamacpp scores those at 6 to 9.
        Assert.Equal([0, 0, 2, 2], Run(Plan(Protocol.LlamaCpp, 10, null, Random(20, 4))).Windows[0].Positions.Select(position => position.Tokens));
    }

    private static WindowPlan Plan(Protocol protocol, int context, int? most, int[] ids) => WindowPlanner.Create(protocol, Corpora.OfIds(ids), context, most, new DiagnosticBag())!;

    private static int[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(4))];
    }

    private static Perplexity Run(WindowPlan plan, ToyModel? model = null) =>
        Evaluator.Run((model ?? Model).Runner(), plan, new DiagnosticBag(), null, TestContext.Current.CancellationToken)!;
}
