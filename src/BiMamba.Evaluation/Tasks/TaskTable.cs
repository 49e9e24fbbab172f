using System.Collections.Immutable;

namespace BiMamba.Evaluation.Tasks;

/// <summary>
/// The task table. Prompts, choices and metrics are those of the configurations in <c>lm_eval/tasks</c> of
/// EleutherAI/lm-evaluation-harness (versions boolq 2, all others 1).
/// </summary>
public static class TaskTable
{
    private const string ArcFields = "question: text; choices: {text: [text, ...], label: [text, ...]}; answerKey: one of the labels";
    private const string ArcPrompt = "Question: {question}\nAnswer:";

    /// <summary>All tasks.</summary>
    public static ImmutableArray<TaskRow> All { get; } =
    [
        new("boolq", "passage, question: text; label or answer: true or false, 1 or 0", "{passage}\nQuestion: {question}?\nAnswer:", "no, yes", HasNorm: false, ReadBoolQ),
        new("piqa", "goal, sol1, sol2: text; label: 0 or 1", "Question: {goal}\nAnswer:", "{sol1}, {sol2}", HasNorm: true, ReadPiqa),
        new("hellaswag", "activity_label, ctx_a, ctx_b: text; endings: [text, ...]; label: index of an ending, from 0", "{activity_label}: {ctx_a} {ctx_b}", "{endings}", HasNorm: true, ReadHellaSwag),
        new("winogrande", "sentence: text with _ in it; option1, option2: text; answer: 1 or 2", "{sentence} up to _, then {option1} or {option2}", "{sentence} behind _, after each option", HasNorm: false, ReadWinoGrande),
        new("arc_easy", ArcFields, ArcPrompt, "{choices.text}", HasNorm: true, ReadArc),
        new("arc_challenge", ArcFields, ArcPrompt, "{choices.text}", HasNorm: true, ReadArc),
        new("openbookqa", "question_stem: text; choices: {text: [text, ...], label: [text, ...]}; answerKey: one of the labels", "{question_stem}", "{choices.text}", HasNorm: true, ReadOpenBookQa),
    ];

    /// <summary>The task of a name, or null.</summary>
    public static TaskRow? Find(string name) => All.FirstOrDefault(row => row.Name == name);

    private static TaskQuestion? ReadBoolQ(TaskRecord record) =>
        record.Text("passage") is { } passage && record.Text("question") is { } question && record.Truth("label", "answer") is { } answer
            ? TaskQuestion.Of(record.Line, $"{passage}\nQuestion: {question}?\nAnswer:", ["no", "yes"], answer ? 1 : 0)
            : null;

    private static TaskQuestion? ReadPiqa(TaskRecord record) =>
        record.Text("goal") is { } goal && record.Text("sol1") is { } first && record.Text("sol2") is { } second && record.Index("label", 0, 2) is { } answer
            ? TaskQuestion.Of(record.Line, $"Question: {goal}\nAnswer:", [first, second], answer)
            : null;

    private static TaskQuestion? ReadHellaSwag(TaskRecord record) =>
        record.Text("activity_label") is { } activity && record.Text("ctx_a") is { } first && record.Text("ctx_b") is { } second
            && record.Texts("endings") is { } endings && record.Index("label", 0, endings.Count) is { } answer
            ? TaskQuestion.Of(record.Line, HellaSwagText.Query(activity, first, second), endings.Select(HellaSwagText.Clean), answer)
            : null;

    private static TaskQuestion? ReadWinoGrande(TaskRecord record)
    {
        if (record.Text("sentence") is not { } sentence || record.Text("option1") is not { } first || record.Text("option2") is not { } second || record.Index("answer", 1, 2) is not { } answer)
            return null;
        var blank = sentence.IndexOf('_', StringComparison.Ordinal);
        if (blank < 0)
        {
            record.Fail("sentence", "a sentence with _ in it", "none");
            return null;
        }

        return TaskQuestion.OfContexts(record.Line, [sentence[..blank] + first, sentence[..blank] + second], PythonText.Strip(sentence[(blank + 1)..]), answer);
    }

    private static TaskQuestion? ReadArc(TaskRecord record) =>
        record.Text("question") is { } question ? ReadLabelled(record, $"Question: {question}\nAnswer:", key => key) : null;

    private static TaskQuestion? ReadOpenBookQa(TaskRecord record) =>
        record.Text("question_stem") is { } stem ? ReadLabelled(record, stem, PythonText.StripStart) : null;

    private static TaskQuestion? ReadLabelled(TaskRecord record, string context, Func<string, string> clean)
    {
        if (record.Inner("choices") is not { } choices || choices.Texts("text") is not { } texts || choices.Texts("label") is not { } labels || record.Text("answerKey") is not { } key)
            return null;
        if (labels.Count != texts.Count)
        {
            choices.Fail("label", $"as many labels as texts, {texts.Count}", $"{labels.Count}");
            return null;
        }

        var answer = Enumerable.Range(0, labels.Count).FirstOrDefault(i => labels[i] == clean(key), -1);
        if (answer >= 0)
            return TaskQuestion.Of(record.Line, context, texts, answer);
        record.Fail("answerKey", "one of the labels " + string.Join(", ", labels), $"'{key}'");
        return null;
    }
}
