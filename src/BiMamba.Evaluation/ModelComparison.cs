using BiMamba.Diagnostics;
using BiMamba.Kernels;
using BiMamba.Runtime;

namespace BiMamba.Evaluation;

/// <summary>How far the outputs of a block are apart.</summary>
/// <param name="Block">Name of the block in the reference.</param>
/// <param name="MaxError">Largest absolute difference.</param>
/// <param name="RelativeError">Root of the summed squared differences over that of the reference.</param>
public sealed record BlockError(string Block, double MaxError, double RelativeError);

/// <summary>Two models on the same windows.</summary>
/// <param name="Reference">Perplexity of the reference.</param>
/// <param name="Other">Perplexity of the other model.</param>
/// <param name="MaxLogitDifference">Largest absolute difference of two logits.</param>
/// <param name="MeanDivergence">Mean KL divergence of the other from the reference, in nats a token.</param>
/// <param name="TopAgreement">Share of tokens whose largest logit is the same.</param>
/// <param name="Blocks">Errors by block, over the first window.</param>
public sealed record ComparisonResult(
    Perplexity Reference,
    Perplexity Other,
    double MaxLogitDifference,
    double MeanDivergence,
    double TopAgreement,
    IReadOnlyList<BlockError> Blocks);

/// <summary>Runs two models side by side.</summary>
public sealed class ModelComparison
{
    private readonly ModelRunner reference;
    private readonly ModelRunner other;
    private readonly WindowPlan plan;
    private readonly float[] logits;
    private readonly BlockRecorder recorder;
    private double maxDifference;
    private double divergence;
    private long agreeing;
    private long compared;

    /// <summary>A comparison over windows; both models have the same vocabulary rows and chunk size.</summary>
    public ModelComparison(ModelRunner reference, ModelRunner other, WindowPlan plan)
    {
        this.reference = reference;
        this.other = other;
        this.plan = plan;
        logits = new float[checked(reference.Options.ChunkTokens * reference.VocabularyRows)];
        recorder = new BlockRecorder(reference.Options.ChunkTokens);
    }

    /// <summary>The comparison; null where logits are not finite.</summary>
    public ComparisonResult? Run(DiagnosticBag diagnostics, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var (left, right) = (reference.NewState(), other.NewState());
        var (leftNll, rightNll) = (new List<ScoredWindow>(), new List<ScoredWindow>());
        double rightSum = 0;
        for (var window = 0; window < plan.Count; window++)
        {
            left.Reset();
            right.Reset();
            var (leftScore, rightScore) = (new WindowScorer(plan.Windows[window]), new WindowScorer(plan.Windows[window]));
            RunWindow(window, left, right, leftScore, rightScore, cancellation);
            if (!double.IsFinite(leftScore.Mean) || !double.IsFinite(rightScore.Mean))
            {
                Evaluator.ReportNotFinite(plan, window, diagnostics, cancellation, reference, other);
                return null;
            }

            leftNll.Add(leftScore.Result);
            rightNll.Add(rightScore.Result);
            rightSum += rightScore.Mean;
            progress?.Report(new EvaluationProgress(window + 1, plan.Count, Math.Exp(rightSum / (window + 1))));
        }

        return new ComparisonResult(
            new Perplexity(plan, leftNll), new Perplexity(plan, rightNll), maxDifference, divergence / compared, (double)agreeing / compared, recorder.Errors(reference.Module));
    }

    private void RunWindow(int window, ModelState left, ModelState right, WindowScorer leftScore, WindowScorer rightScore, CancellationToken cancellation)
    {
        var chunkTokens = reference.Options.ChunkTokens;
        var ids = plan.Window(window);
        for (var first = 0; first < ids.Length; first += chunkTokens)
        {
            var start = first;
            var chunk = ids.Slice(first, Math.Min(chunkTokens, ids.Length - first));
            reference.Run(
                left,
                chunk,
                (row, rows) =>
                {
                    rows.Values[..(rows.Count * rows.Width)].CopyTo(logits.AsSpan(row * rows.Width));
                    leftScore.Add(start + row, rows);
                },
                window == 0 ? recorder.Reference : null,
                cancellation);
            other.Run(
                right,
                chunk,
                (row, rows) =>
                {
                    Compare(new Rows(logits.AsSpan(row * rows.Width), rows.Count, rows.Width), rows);
                    rightScore.Add(start + row, rows);
                },
                window == 0 ? recorder.Other : null,
                cancellation);
        }
    }

    private void Compare(Rows expected, Rows actual)
    {
        for (var t = 0; t < expected.Count; t++)
        {
            var isSame = Largest(expected[t]) == Largest(actual[t]);
            for (var i = 0; i < expected.Width; i++)
                maxDifference = Math.Max(maxDifference, Math.Abs((double)expected[t][i] - actual[t][i]));
            divergence += LogSoftmax.Divergence(expected[t], actual[t]);
            agreeing += isSame ? 1 : 0;
            compared++;
        }
    }

    private static int Largest(ReadOnlySpan<float> row) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax(row);

    /// <summary>Keeps the reference's block results of a chunk until the other model has computed its own.</summary>
    private sealed class BlockRecorder(int chunkTokens)
    {
        private readonly List<float[]> values = [];
        private readonly List<(double Max, double Difference, double Norm)> sums = [];

        public IRunObserver Reference => new Side(Record);

        public IRunObserver Other => new Side(Compare);

        public IReadOnlyList<BlockError> Errors(IR.Module module) =>
            [.. sums.Select((sum, i) => new BlockError(module.Blocks[i].Name, sum.Max, sum.Norm > 0 ? Math.Sqrt(sum.Difference / sum.Norm) : 0))];

        /// <summary>Keeps rows of a chunk; the head gives those of a chunk in several calls.</summary>
        private void Record(int block, int first, Rows rows)
        {
            while (values.Count <= block)
            {
                values.Add([]);
                sums.Add(default);
            }

            if (values[block].Length == 0)
                values[block] = new float[chunkTokens * rows.Width];
            for (var t = 0; t < rows.Count; t++)
                rows[t].CopyTo(values[block].AsSpan((first + t) * rows.Width));
        }

        private void Compare(int block, int first, Rows rows)
        {
            var (max, difference, norm) = sums[block];
            for (var t = 0; t < rows.Count; t++)
            {
                var expected = values[block].AsSpan((first + t) * rows.Width, rows.Width);
                for (var i = 0; i < rows.Width; i++)
                {
                    double error = (double)rows[t][i] - expected[i];
                    max = Math.Max(max, Math.Abs(error));
                    difference += error * error;
                    norm += (double)expected[i] * expected[i];
                }
            }

            sums[block] = (max, difference, norm);
        }

        private sealed class Side(Action<int, int, Rows> handle) : IRunObserver
        {
            public void OnBlock(int block, int firstToken, Rows values) => handle(block, firstToken, values);
        }
    }
}
