using BiMamba.Evaluation.Tasks;
using BiMamba.Testing;

namespace BiMamba.Evaluation.Tests;

/// <summary>What a model reads and what is scored, against texts that were written by hand from the harness's configurations.</summary>
public sealed class TaskPromptTests
{
    public static TheoryData<string> Names => [.. TaskTable.All.Select(row => row.Name)];

    [Theory]
    [InlineData("\"label\": 1", 1)]
    [InlineData("\"label\": 0", 0)]
    [InlineData("\"label\": true", 1)]
    [InlineData("\"answer\": false", 0)]
    [InlineData("\"answer\": true, \"label\": 0", 0)]
    public void BoolQ(string answer, int expected)
    {
        var question = TaskLines.One("boolq", $$"""{"passage": "Kettle -- A kettle is a vessel.", "question": "is a kettle a vessel", {{answer}}}""");
        Same(question, expected, [("Kettle -- A kettle is a vessel.\nQuestion: is a kettle a vessel?\nAnswer:", " no", 2), ("Kettle -- A kettle is a vessel.\nQuestion: is a kettle a vessel?\nAnswer:", " yes", 3)]);
    }

    [Fact]
    public void Piqa()
    {
        var question = TaskLines.One("piqa", """{"goal": "To dry a wet book,", "sol1": "burn it.", "sol2": "stand it open \ud83d\udcd6", "label": 1}""");
        Same(question, 1, [("Question: To dry a wet book,\nAnswer:", " burn it.", 8), ("Question: To dry a wet book,\nAnswer:", " stand it open 📖", 15)]);
    }

    [Theory]
    [InlineData("\"2\"", 2)]
    [InlineData("0", 0)]
    public void HellaSwag(string label, int expected)
    {
        var question = TaskLines.One("hellaswag", $$"""{"activity_label": "Rowing", "ctx_a": "Two men carry a boat.", "ctx_b": "the taller Man", "endings": ["eats.", " sits down. ", "a  b   c"], "label": {{label}} }""");
        const string Context = "Rowing: Two men carry a boat. The taller man";
        Same(question, expected, [(Context, " eats.", 5), (Context, " sits down.", 10), (Context, " a b  c", 6)]);
    }

    [Fact]
    public void HellaSwag_of_WikiHow()
    {
        var question = TaskLines.One("hellaswag", """
            {"activity_label": "Home", "ctx_a": "[header] How to water [title] Choose the hour. [step] At dawn.", "ctx_b": "", "endings": ["[substeps] Noon is late.", "Sell it. [title] Buy [a boat", "[title] x"], "label": "1"}
            """);
        // A mark and the space before it become a full stop and a space; with the space behind, two, which become one.
        const string Context = "Home: How to water. Choose the hour. At dawn.";
        Same(question, 1, [(Context, "  Noon is late.", 14), (Context, " Sell it.. Buy [a boat", 21), (Context, "  x", 2)]);
    }

    [Theory]
    [InlineData("\"1\"", 0)]
    [InlineData("\"2\"", 1)]
    [InlineData("2", 1)]
    public void WinoGrande_scores_what_stands_behind_each_option(string answer, int expected)
    {
        var question = TaskLines.One("winogrande", $$"""{"sentence": "The lamp is larger than the box, so the _  is too_small. ", "option1": "lamp", "option2": "box", "answer": {{answer}}}""");
        Same(question, expected, [("The lamp is larger than the box, so the lamp", " is too_small.", 44), ("The lamp is larger than the box, so the box", " is too_small.", 43)]);
    }

    [Theory]
    [InlineData("arc_easy")]
    [InlineData("arc_challenge")]
    public void Arc(string task)
    {
        var question = TaskLines.One(task, """{"id": "x", "question": "What falls?", "choices": {"text": ["stone", "sand", "rain"], "label": ["A", "B", "C"]}, "answerKey": "C"}""");
        const string Context = "Question: What falls?\nAnswer:";
        Same(question, 2, [(Context, " stone", 5), (Context, " sand", 4), (Context, " rain", 4)]);
    }

    [Fact]
    public void Arc_with_numbers_for_letters()
    {
        var question = TaskLines.One("arc_easy", """{"question": "Q", "choices": {"text": ["a", "b", "c", "d"], "label": ["1", "2", "3", "4"]}, "answerKey": "4"}""");
        Assert.Equal(3, question.Answer);
    }

    [Fact]
    public void OpenBookQa()
    {
        var question = TaskLines.One("openbookqa", """{"question_stem": "Owls need", "choices": {"text": ["good ears", "feet"], "label": ["A", "B"]}, "answerKey": " B"}""");
        Same(question, 1, [("Owls need", " good ears", 9), ("Owls need", " feet", 4)]);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("she Turns", "She turns")]
    [InlineData("éCLAIR", "Éclair")]
    [InlineData("1 Man", "1 man")]
    [InlineData("\U00010428\U00010400", "\U00010400\U00010428")]
    public void Capitals(string text, string expected) => Assert.Equal(expected, PythonText.Capitalize(text));

    [Fact]
    public void White_space_is_that_of_Python()
    {
        Assert.Equal("a\u200B", PythonText.Strip("\u001C\u00A0\u3000 a\u200B\u2028\t\u001F"));
        Assert.Equal("a ", PythonText.StripStart(" a "));
        Assert.Equal("", PythonText.Strip(" \n"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_document_has_every_row(string name)
    {
        var row = TaskTable.Find(name)!;
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "tasks.md"));
        Assert.Contains($"| `{name}` | {row.Fields} |", text, StringComparison.Ordinal);
        Assert.Contains($"| `{name}` | `{row.Prompt.Replace("\n", "\\n", StringComparison.Ordinal)}` | {row.Choices} | {(row.HasNorm ? "acc, acc_norm" : "acc")} |", text, StringComparison.Ordinal);
    }

    private static void Same(TaskQuestion question, int answer, (string, string, int)[] choices)
    {
        Assert.Equal(choices, question.Choices.Select(choice => (choice.Context, choice.Continuation, choice.Length)));
        Assert.Equal(answer, question.Answer);
    }
}
