using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tokenizers;

namespace BiMamba.Evaluation.Tasks;

/// <summary>A task whose questions are tokens, ready to be scored.</summary>
/// <param name="Data">The questions.</param>
/// <param name="Choices">The tokens of the choices of every question.</param>
public sealed record TokenizedTask(TaskData Data, IReadOnlyList<ChoiceTokens[]> Choices)
{
    /// <summary>Tokens of all choices, contexts counted with each.</summary>
    public long Tokens { get; } = Choices.Sum(CountTokens);

    /// <summary>Questions of which a choice lost the beginning of its context.</summary>
    public int Truncated => Choices.Count(question => question.Any(choice => choice.IsTruncated));

    /// <summary>Tokens of the choices of one question.</summary>
    internal static long CountTokens(ChoiceTokens[] choices) => choices.Sum(choice => (long)choice.Ids.Length);

    /// <summary>Tokenizes questions; null where the bag got an error.</summary>
    /// <param name="data">The questions.</param>
    /// <param name="tokenizer">Tokenizer of the model.</param>
    /// <param name="vocabularyRows">Rows of the model's head.</param>
    /// <param name="options">The length, and whether special tokens are added.</param>
    /// <param name="diagnostics">Receives the first error.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static TokenizedTask? Create(TaskData data, Tokenizer tokenizer, int vocabularyRows, TaskOptions options, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var encoder = new ChoiceEncoder(tokenizer, options);
        var questions = new List<ChoiceTokens[]>(data.Questions.Count);
        foreach (var question in data.Questions)
        {
            cancellation.ThrowIfCancellationRequested();
            var choices = new ChoiceTokens[question.Choices.Length];
            for (var i = 0; i < choices.Length; i++)
            {
                if (encoder.Encode(question.Choices[i], out var reason) is not { } tokens)
                {
                    diagnostics.Add(RuntimeDiagnostics.TaskData, $"{reason}, in choice {i + 1}", new Place(data.Path, Line: question.Line));
                    return null;
                }

                if (!CorpusReader.CheckIds(tokens.Ids, vocabularyRows, new Place(data.Path, Line: question.Line).ToString(), diagnostics))
                    return null;
                choices[i] = tokens;
            }

            questions.Add(choices);
        }

        return new TokenizedTask(data, questions);
    }
}
