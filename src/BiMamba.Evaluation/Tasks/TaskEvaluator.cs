using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Runtime;

namespace BiMamba.Evaluation.Tasks;

/// <summary>Scores the questions of a task.</summary>
public static class TaskEvaluator
{
    /// <summary>The result; null where the log-likelihoods are not finite.</summary>
    /// <param name="runner">The model.</param>
    /// <param name="task">The questions.</param>
    /// <param name="diagnostics">Receives the error.</param>
    /// <param name="progress">Is told after every question, or null.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <param name="batch">Questions side by side, as in <see cref="LoglikelihoodScorer.Run"/>.</param>
    public static TaskResult? Run(ModelRunner runner, TokenizedTask task, DiagnosticBag diagnostics, IProgress<TaskProgress>? progress, CancellationToken cancellation, int? batch = null)
    {
        var questions = task.Data.Questions;
        var (plain, normalized) = (new bool[questions.Count], new bool[questions.Count]);
        var (done, tokens) = (0, 0L);
        foreach (var (index, scores) in LoglikelihoodScorer.Run(runner, task.Choices, batch, cancellation))
        {
            var question = questions[index];
            if (!scores.All(double.IsFinite))
            {
                ReportNotFinite(runner, task, index, Array.FindIndex(scores, score => !double.IsFinite(score)), diagnostics, cancellation);
                return null;
            }

            plain[index] = Best(scores) == question.Answer;
            normalized[index] = Best([.. scores.Select((score, i) => score / question.Choices[i].Length)]) == question.Answer;
            tokens += TokenizedTask.CountTokens(task.Choices[index]);
            progress?.Report(new TaskProgress(++done, questions.Count, tokens));
        }

        return new TaskResult(task.Data, Accuracy.Of(plain), task.Data.Task.HasNorm ? Accuracy.Of(normalized) : null, task.Truncated);
    }

    private static void ReportNotFinite(ModelRunner runner, TokenizedTask task, int question, int choice, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var (found, place) = ($"the likelihood of choice {choice + 1} is not finite", new Place(task.Data.Path, Line: task.Data.Questions[question].Line));
        if (!NotFiniteOrigin.Report(runner, task.Choices[question][choice].Ids, found, place, diagnostics, cancellation))
            diagnostics.Add(RuntimeDiagnostics.LogitsNotFinite, found, place);
    }

    /// <summary>The first of the largest values.</summary>
    internal static int Best(ReadOnlySpan<double> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }

        return best;
    }
}

/// <summary>How far a task is.</summary>
/// <param name="Questions">Questions that are done.</param>
/// <param name="Total">Questions in all.</param>
/// <param name="Tokens">Tokens of the choices that are done, contexts counted with each.</param>
public readonly record struct TaskProgress(int Questions, int Total, long Tokens);
