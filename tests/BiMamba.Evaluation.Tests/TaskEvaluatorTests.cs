using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation.Tasks;

namespace BiMamba.Evaluation.Tests;

/// <summary>Accuracies from likelihoods that can be written down.</summary>
public sealed class TaskEvaluatorTests
{
    private static readonly float Log2 = MathF.Log(2);

    /// <summary>After token 0 all four are equally likely; after token 1 they have 1/8, 2/8, 1/8 and 4/8.</summary>
    private static readonly ToyModel Model = new()
    {
        Table = [[0, 0, 0, 0], [0, Log2, 0, 0], [0, 0, 0, 0], [0, 2 * Log2, 0, 0]],
    };

    [Fact]
    public void The_norm_can_choose_another_answer()
    {
        // ln 2 over 1 character and ln 4 over 4: the first is likelier, the second by character.
        var choices = Choices([1, 3], [1, 1]);
        var task = TaskLines.Tokenized("piqa", (choices, [1, 4], 0), (choices, [1, 4], 1), (choices, [1, 4], 1));
        var result = Run(task);
        Assert.Equal(1.0 / 3, result.Accuracy.Value, 1e-15);
        Assert.Equal(2.0 / 3, result.Normalized!.Value, 1e-15);
        Assert.Same(result.Normalized, result.Main);
        // Of 0, 0, 1: the variance is 1/3, its root over the root of 3 is a third.
        Assert.Equal(1.0 / 3, result.Accuracy.StandardError!.Value, 1e-15);
        Assert.Equal(1.0 / 3, result.Normalized.StandardError!.Value, 1e-15);
    }

    [Theory]
    [InlineData("boolq")]
    [InlineData("winogrande")]
    public void Some_tasks_have_no_norm(string name)
    {
        var result = Run(TaskLines.Tokenized(name, (Choices([1, 3], [1, 1]), [1, 4], 0)));
        Assert.Null(result.Normalized);
        Assert.Equal(new Accuracy(1, null), result.Main);
    }

    [Fact]
    public void Of_equal_choices_the_first_is_taken()
    {
        var choices = Choices([0, 2], [0, 3], [0, 1]);
        var result = Run(TaskLines.Tokenized("arc_easy", (choices, [1, 1, 1], 0), (choices, [1, 1, 1], 2)));
        Assert.Equal(0.5, result.Accuracy.Value);
        Assert.Equal(0.5, result.Normalized!.Value);
        Assert.Equal(0.5, result.Accuracy.StandardError!.Value, 1e-15);
    }

    [Fact]
    public void A_choice_without_characters_is_not_the_best_by_character() =>
        Assert.Equal(1, Run(TaskLines.Tokenized("piqa", (Choices([1, 3], [1, 1]), [0, 1], 1))).Normalized!.Value);

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 2)]
    [InlineData(7, 10)]
    [InlineData(10, 10)]
    public void The_standard_error_is_that_of_the_sample(int hits, int count)
    {
        var values = Enumerable.Range(0, count).Select(i => i < hits ? 1.0 : 0).ToArray();
        var deviation = Math.Sqrt(values.Sum(value => Math.Pow(value - values.Average(), 2)) / (count - 1));
        var accuracy = Accuracy.Of([.. values.Select(value => value == 1)]);
        Assert.Equal((double)hits / count, accuracy.Value);
        Assert.Equal(deviation / Math.Sqrt(count), accuracy.StandardError!.Value, 1e-15);
    }

    [Fact]
    public void Progress_counts_questions_and_tokens()
    {
        var seen = new List<TaskProgress>();
        var task = TaskLines.Tokenized("piqa", (Choices([1, 3], [1, 1]), [1, 1], 0), (Choices([0, 1, 3], [0, 1, 1]), [1, 1], 0));
        Assert.NotNull(TaskEvaluator.Run(Model.Runner(), task, new DiagnosticBag(), new Collector(seen), TestContext.Current.CancellationToken));
        Assert.Equal([new(1, 2, 6), new(2, 2, 10)], seen);
        Assert.Equal(10, task.Tokens);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(null)]
    public void A_likelihood_that_is_not_finite_is_reported(int? batch)
    {
        var model = Model with { Table = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, float.NaN, 0], [0, 0, 0, 0]] };
        // Whatever the batch is, the longest question is the first that is run.
        var task = TaskLines.Tokenized("piqa", (Choices([1, 3], [1, 1]), [1, 1], 0), (Choices([1, 1, 3], [1, 1, 1]), [1, 1], 0));
        var bag = new DiagnosticBag();
        Assert.Null(TaskEvaluator.Run(model.Runner(), task, bag, null, TestContext.Current.CancellationToken, batch));
        var error = Assert.Single(bag.Items);
        Assert.Same(PipelineDiagnostics.NotFinite, error.Descriptor);
        Assert.StartsWith("element [2,2]: expected a finite number, found NaN", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Choices of one token behind a context.</summary>
    private static ChoiceTokens[] Choices(params int[][] ids) => [.. ids.Select(tokens => new ChoiceTokens(tokens, 1, false))];

    private static TaskResult Run(TokenizedTask task)
    {
        var bag = new DiagnosticBag();
        var result = TaskEvaluator.Run(Model.Runner(), task, bag, null, TestContext.Current.CancellationToken);
        Assert.True(result is not null, string.Join('\n', bag.Items));
        return result;
    }

    private sealed class Collector(List<TaskProgress> seen) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => seen.Add(value);
    }
}
