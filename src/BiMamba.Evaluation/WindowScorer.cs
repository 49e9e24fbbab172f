using System.Collections.Immutable;
using System.Numerics;
using BiMamba.Kernels;

namespace BiMamba.Evaluation;

/// <summary>Scores the logits of one window as they come, in order.</summary>
internal sealed class WindowScorer(EvaluationWindow window)
{
    private readonly PositionSum[] positions = new PositionSum[BitOperations.Log2((uint)window.Ids.Length - 1) + 1];
    private double sum;
    private double sumOfSquares;

    /// <summary>Mean negative log-likelihood of the scored tokens, in nats.</summary>
    public double Mean => sum / window.ScoredTokens;

    /// <summary>The score once all tokens were added.</summary>
    public ScoredWindow Result => new(sum, sumOfSquares, window.ScoredTokens, [.. positions]);

    /// <summary>Adds a chunk; the last token of the window has no target.</summary>
    public void Add(int firstToken, Rows logits)
    {
        var ids = window.Ids.Span;
        for (var t = Math.Max(0, window.FirstScored - firstToken); t < logits.Count && firstToken + t + 1 < ids.Length; t++)
        {
            var target = firstToken + t + 1;
            var nll = LogSoftmax.Nll(logits[t], ids[target]);
            sum += nll;
            sumOfSquares += nll * nll;
            ref var position = ref positions[BitOperations.Log2((uint)target)];
            position = new PositionSum(position.Sum + nll, position.Tokens + 1);
        }
    }
}
