using BiMamba.Kernels;
using BiMamba.Runtime;

namespace BiMamba.Evaluation.Tasks;

/// <summary>
/// Log-likelihoods of choices. What the choices of a question have in common is run once, and each goes on from a copy of
/// that state. Every choice gets the bits that it gets alone, whatever else is in a batch.
/// </summary>
public static class LoglikelihoodScorer
{
    /// <summary>Questions side by side where no number is given, as far as memory allows.</summary>
    public const int DefaultBatch = 4;

    // Of all states together: steps over more of them wait for memory, which costs more than questions side by side save.
    private const long StateBytes = 32L << 20;

    /// <summary>The sums of log-likelihoods of all questions, in nats, as they come: longest question first.</summary>
    /// <param name="runner">The model.</param>
    /// <param name="questions">The choices of every question.</param>
    /// <param name="batch">
    /// Questions that run side by side, or null for up to <see cref="DefaultBatch"/> whose states stay under 32 MiB
    /// together. Neither the numbers nor their order depend on it.
    /// </param>
    /// <param name="cancellation">Stops the run.</param>
    public static IEnumerable<QuestionScores> Run(ModelRunner runner, IReadOnlyList<ChoiceTokens[]> questions, int? batch, CancellationToken cancellation)
    {
        // Questions of like length fill the rows of a step evenly.
        var order = Enumerable.Range(0, questions.Count).OrderByDescending(i => TokenizedTask.CountTokens(questions[i])).ToArray();
        var states = new StatePool(runner);
        var size = batch ?? DefaultBatchOf(states, questions);
        foreach (var group in order.Chunk(size))
        {
            var scores = RunGroup(runner, [.. group.Select(i => questions[i])], states, cancellation);
            for (var i = 0; i < group.Length; i++)
                yield return new QuestionScores(group[i], scores[i]);
        }
    }

    /// <summary>The tokens that all choices of a question read, up to the last before the first that is scored.</summary>
    internal static int SharedLength(ChoiceTokens[] choices)
    {
        var shared = choices.Min(choice => choice.FirstScored - 1);
        var first = choices[0].Ids.AsSpan();
        foreach (var choice in choices)
            shared = first[..shared].CommonPrefixLength(choice.Ids.AsSpan(0, shared));
        return shared;
    }

    private static int DefaultBatchOf(StatePool states, IReadOnlyList<ChoiceTokens[]> questions)
    {
        var most = questions.Count == 0 ? 1 : questions.Max(choices => choices.Length);
        return (int)Math.Clamp(StateBytes / (Math.Max(1, states[0].ByteLength) * most), 1, DefaultBatch);
    }

    private static double[][] RunGroup(ModelRunner runner, ChoiceTokens[][] group, StatePool states, CancellationToken cancellation)
    {
        var shared = group.Select(SharedLength).ToArray();
        var first = new int[group.Length];
        var prefixes = new Sequence[group.Length];
        for (var (i, next) = (0, 0); i < group.Length; next += group[i++].Length)
        {
            first[i] = next;
            states[next].Reset();
            prefixes[i] = new Sequence(states[next], group[i][0].Ids.AsMemory(0, shared[i]));
        }

        runner.Run(prefixes, null, cancellation);
        var sums = new List<ChoiceSum>();
        var rest = new List<Sequence>();
        for (var i = 0; i < group.Length; i++)
        {
            for (var c = 0; c < group[i].Length; c++)
            {
                if (c > 0)
                    states[first[i] + c].CopyFrom(states[first[i]]);
                sums.Add(new ChoiceSum(group[i][c], shared[i]));
                rest.Add(new Sequence(states[first[i] + c], group[i][c].Input[shared[i]..]));
            }
        }

        runner.Run(rest, (sequence, token, logits) => sums[sequence].Add(token, logits), cancellation);
        return [.. group.Select((choices, i) => sums.GetRange(first[i], choices.Length).Select(sum => sum.Value).ToArray())];
    }

    /// <summary>States that are made when they are first needed.</summary>
    private sealed class StatePool(ModelRunner runner)
    {
        private readonly List<ModelState> states = [];

        public ModelState this[int index]
        {
            get
            {
                while (states.Count <= index)
                    states.Add(runner.NewState());
                return states[index];
            }
        }
    }

    /// <summary>Adds up the log-likelihood of one choice as its logits come, token by token.</summary>
    private sealed class ChoiceSum(ChoiceTokens choice, int firstInput)
    {
        /// <summary>The sum in nats.</summary>
        public double Value { get; private set; }

        /// <summary>Adds a chunk; logits of tokens before the last of the context predict nothing that is scored.</summary>
        public void Add(int firstToken, Rows logits)
        {
            for (var t = 0; t < logits.Count; t++)
            {
                var target = firstInput + firstToken + t + 1;
                if (target >= choice.FirstScored)
                    Value -= LogSoftmax.Nll(logits[t], choice.Ids[target]);
            }
        }
    }
}

/// <summary>The log-likelihoods of the choices of a question.</summary>
/// <param name="Question">Index of the question.</param>
/// <param name="LogLikelihoods">Sums over the tokens of each continuation, in nats.</param>
public readonly record struct QuestionScores(int Question, double[] LogLikelihoods);
