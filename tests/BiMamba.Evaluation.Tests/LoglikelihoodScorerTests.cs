using BiMamba.Evaluation.Tasks;
using BiMamba.Runtime;

namespace BiMamba.Evaluation.Tests;

/// <summary>Scores from shared states are those of every choice run alone from its beginning, bit for bit.</summary>
public sealed class LoglikelihoodScorerTests
{
    private const int Vocabulary = 7;

    private static readonly ToyModel Model = new() { Table = RandomTable(), LooksBack = true };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(128)]
    public void They_are_those_of_choices_alone(int chunk)
    {
        var questions = Questions();
        var expected = questions.Select(choices => choices.Select(Alone).ToArray()).ToArray();
        foreach (var batch in (int?[])[1, 2, 5, 100, null])
        {
            var runs = LoglikelihoodScorer.Run(Model.Runner(chunk), questions, batch, Cancellation).ToArray();
            Assert.Equal(Enumerable.Range(0, questions.Length), runs.Select(run => run.Question).Order());
            Assert.All(runs, run => Assert.Equal(expected[run.Question], run.LogLikelihoods));
        }
    }

    [Fact]
    public void The_order_is_longest_first_and_depends_on_no_batch()
    {
        var questions = Questions();
        var order = LoglikelihoodScorer.Run(Model.Runner(), questions, 1, Cancellation).Select(run => run.Question).ToArray();
        var lengths = order.Select(i => questions[i].Sum(choice => choice.Ids.Length)).ToArray();
        Assert.Equal(lengths.OrderDescending(), lengths);
        Assert.Equal(order, LoglikelihoodScorer.Run(Model.Runner(), questions, 4, Cancellation).Select(run => run.Question));
    }

    [Fact]
    public void Only_tokens_of_the_continuation_count()
    {
        // Likelihoods that can be written down: after any token, 1/4 each; after 1 they are 1/8, 2/8, 1/8, 4/8.
        var log2 = MathF.Log(2);
        var model = new ToyModel { Table = [[0, 0, 0, 0], [0, log2, 0, 0], [0, 0, 0, 0], [0, 2 * log2, 0, 0]] };
        ChoiceTokens[] choices = [new([2, 1, 3], 1, false), new([2, 1, 0, 0], 2, false)];
        var (_, scores) = Assert.Single(LoglikelihoodScorer.Run(model.Runner(), [choices], null, Cancellation));
        Assert.Equal(-Math.Log(2), scores[0], 1e-6);
        Assert.Equal(-Math.Log(8) - Math.Log(4), scores[1], 1e-6);
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3, 4 }, 1, new[] { 1, 2, 3, 5, 6 }, 2, 2)]
    [InlineData(new[] { 1, 2, 3, 4 }, 1, new[] { 1, 5, 3, 4 }, 1, 1)]
    [InlineData(new[] { 1, 2 }, 1, new[] { 1, 3 }, 1, 0)]
    [InlineData(new[] { 1, 2, 3 }, 1, new[] { 2, 3, 4, 5 }, 2, 0)]
    [InlineData(new[] { 1, 2, 3, 4, 5 }, 4, new[] { 1, 2, 3, 4, 6 }, 1, 0)]
    public void What_is_shared_ends_before_the_token_whose_logits_are_scored(int[] first, int firstScored, int[] second, int secondScored, int expected) =>
        Assert.Equal(expected, LoglikelihoodScorer.SharedLength([new(first, firstScored, false), new(second, secondScored, false)]));

    [Fact]
    public void No_questions_give_no_scores() =>
        Assert.Empty(LoglikelihoodScorer.Run(Model.Runner(), [], null, Cancellation));

    [Fact]
    public void A_run_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => LoglikelihoodScorer.Run(Model.Runner(), Questions(), null, source.Token).ToArray());
    }

    private static double Alone(ChoiceTokens choice)
    {
        var runner = Model.Runner();
        double sum = 0;
        runner.Run(runner.NewState(), choice.Ids, (first, logits) =>
        {
            for (var t = 0; t < logits.Count; t++)
            {
                if (first + t + 1 >= choice.FirstScored && first + t + 1 < choice.Ids.Length)
                    sum -= LogSoftmax.Nll(logits[t], choice.Ids[first + t + 1]);
            }
        });
        return sum;
    }

    /// <summary>Shared contexts, contexts that differ at their end as in WinoGrande, and such that were cut.</summary>
    private static ChoiceTokens[][] Questions()
    {
        var random = new Random(17);
        var questions = new List<ChoiceTokens[]>();
        for (var i = 0; i < 23; i++)
        {
            var context = Ids(1 + random.Next(12));
            var own = i % 3 == 1 ? 1 + random.Next(3) : 0;
            questions.Add([.. Enumerable.Range(0, 2 + random.Next(3)).Select(_ =>
            {
                var scored = 1 + random.Next(5);
                int[] ids = [.. context, .. Ids(own + scored)];
                var cut = i % 5 == 4 ? random.Next(context.Length) : 0;
                return new ChoiceTokens(ids[cut..], scored, cut > 0);
            })]);
        }

        return [.. questions];

        int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(Vocabulary))];
    }

    private static float[][] RandomTable()
    {
        var random = new Random(4);
        return [.. Enumerable.Range(0, Vocabulary).Select(_ => Enumerable.Range(0, Vocabulary).Select(_ => (random.NextSingle() * 6) - 3).ToArray())];
    }
}
