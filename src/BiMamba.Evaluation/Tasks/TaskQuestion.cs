using System.Collections.Immutable;

namespace BiMamba.Evaluation.Tasks;

/// <summary>A question with its choices.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Choices">The choices, at least two.</param>
/// <param name="Answer">Index of the right one.</param>
public sealed record TaskQuestion(int Line, ImmutableArray<TaskChoice> Choices, int Answer)
{
    /// <summary>What the harness puts between a context and a choice, unless a task says otherwise; these do not.</summary>
    private const string Delimiter = " ";

    /// <summary>A question whose choices follow one context.</summary>
    public static TaskQuestion Of(int line, string context, IEnumerable<string> choices, int answer) =>
        new(line, [.. choices.Select(choice => new TaskChoice(context, Delimiter + choice, PythonText.Length(choice)))], answer);

    /// <summary>A question whose choices are contexts of one text.</summary>
    public static TaskQuestion OfContexts(int line, IEnumerable<string> contexts, string continuation, int answer) =>
        new(line, [.. contexts.Select(context => new TaskChoice(context, Delimiter + continuation, PythonText.Length(context)))], answer);
}

/// <summary>One choice of a question.</summary>
/// <param name="Context">What the model reads first.</param>
/// <param name="Continuation">What is scored, with the space before it.</param>
/// <param name="Length">Characters of the choice as it stands in the data, by which acc_norm divides.</param>
public sealed record TaskChoice(string Context, string Continuation, int Length);
