using System.Security.Cryptography;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation.Tasks;
using BiMamba.Testing;

namespace BiMamba.Evaluation.Tests;

/// <summary>Files of questions, sound and broken.</summary>
public sealed class TaskDataReaderTests
{
    private const string Piqa = """{"goal": "g", "sol1": "a", "sol2": "b", "label": 0}""";

    [Fact]
    public void Blank_lines_a_byte_order_mark_and_line_ends_of_Windows_are_no_errors()
    {
        var text = $"\uFEFF{Piqa}\r\n\n \t\r\n{Piqa}";
        var data = TaskLines.Good("piqa", text);
        Assert.Equal([1, 4], data.Questions.Select(question => question.Line));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))), data.Sha256);
    }

    [Fact]
    public void Lines_behind_the_limit_are_not_looked_at()
    {
        var text = Encoding.UTF8.GetBytes($"{Piqa}\n{Piqa}\nno question\n");
        var bag = new DiagnosticBag();
        var data = TaskLines.Read("piqa", text, bag, limit: 2)!;
        Assert.Equal(2, data.Questions.Count);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(text)), data.Sha256);
        Assert.Null(TaskLines.Read("piqa", text, bag, limit: 3));
    }

    [Theory]
    [InlineData("piqa", """{"goal": "g", "sol1": "a", "label": 0}""", "data.jsonl:1:1: sol2: expected a text, found no such field")]
    [InlineData("piqa", """{"goal": "g", "sol1": "a", "sol2": null, "label": 0}""", "data.jsonl:1:1: sol2: expected a text, found null")]
    [InlineData("piqa", """{"goal": "g", "sol1": "a", "sol2": ["b"], "label": 0}""", "sol2: expected a text, found a list")]
    [InlineData("piqa", """{"goal": "g", "sol1": "a", "sol2": "b", "label": -1}""", "label: expected a whole number from 0 to 1, found -1")]
    [InlineData("piqa", """{"goal": "g", "sol1": "a", "sol2": "b", "label": 0.5}""", "label: expected a whole number from 0 to 1, found 0.5")]
    [InlineData("piqa", """{"goal": "g", "sol1": "a", "sol2": "b", "label": 99999999999}""", "label: expected a whole number from 0 to 1, found 99999999999")]
    [InlineData("piqa", """{"goal": "g", "goal": "h", "sol1": "a", "sol2": "b", "label": 1}""", "data.jsonl:1:")]
    [InlineData("piqa", """{"goal": "\ud800", "sol1": "a", "sol2": "b", "label": 1}""", "expected Unicode text, found an escaped surrogate")]
    [InlineData("piqa", """{"goal": "g" """, "data.jsonl:1:14: expected a JSON object: ")]
    [InlineData("piqa", "[1]", "data.jsonl:1:1: expected a JSON object, found a list; hint: a line of piqa is one JSON object with goal, sol1, sol2: text; label: 0 or 1")]
    [InlineData("piqa", "7", "expected a JSON object, found another value")]
    [InlineData("boolq", """{"passage": "p", "question": "q", "label": "1"}""", "label: expected true or false, 1 or 0, found '1'")]
    [InlineData("boolq", """{"passage": "p", "question": "q", "label": 2}""", "label: expected true or false, 1 or 0, found 2")]
    [InlineData("boolq", """{"passage": "p", "question": "q"}""", "label: expected true or false, 1 or 0, found no such field")]
    [InlineData("boolq", """{"passage": 1, "question": "q", "label": 0}""", "passage: expected a text, found 1")]
    [InlineData("hellaswag", """{"activity_label": "a", "ctx_a": "b", "ctx_b": "", "endings": ["x", "y"], "label": ""}""", "label: expected a whole number from 0 to 1, found ''")]
    [InlineData("hellaswag", """{"activity_label": "a", "ctx_a": "b", "ctx_b": "", "endings": ["x", 2], "label": "0"}""", "endings[1]: expected a text, found 2")]
    [InlineData("hellaswag", """{"activity_label": "a", "ctx_a": "b", "ctx_b": "", "endings": ["x"], "label": "0"}""", "endings: expected a list of 2 to 32 texts, found 1 values")]
    [InlineData("hellaswag", """{"activity_label": "a", "ctx_a": "b", "ctx_b": "", "endings": "x", "label": "0"}""", "endings: expected a list of 2 to 32 texts, found 'x'")]
    [InlineData("winogrande", """{"sentence": "no blank", "option1": "a", "option2": "b", "answer": "1"}""", "sentence: expected a sentence with _ in it, found none")]
    [InlineData("winogrande", """{"sentence": "a _", "option1": "a", "option2": "b", "answer": "0"}""", "answer: expected a whole number from 1 to 2, found '0'")]
    [InlineData("arc_easy", """{"question": "q", "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answerKey": "1"}""", "answerKey: expected one of the labels A, B, found '1'")]
    [InlineData("arc_easy", """{"question": "q", "choices": {"text": ["a", "b"], "label": ["A", "B", "C"]}, "answerKey": "A"}""", "choices.label: expected as many labels as texts, 2, found 3")]
    [InlineData("arc_challenge", """{"question": "q", "choices": [{"text": "a", "label": "A"}], "answerKey": "A"}""", "choices: expected an object, found a list")]
    [InlineData("openbookqa", """{"question_stem": "q", "choices": {"label": ["A", "B"]}, "answerKey": "A"}""", "choices.text: expected a list of 2 to 32 texts, found no such field")]
    public void A_wrong_line_is_reported_with_its_place(string task, string line, string message)
    {
        var error = Fails(task, Encoding.UTF8.GetBytes(line));
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_bytes_than_UTF8_are_reported()
    {
        byte[] text = [.. "{\"goal\": \""u8, 0xFF, .. "\"}"u8];
        Assert.Contains("expected UTF-8", Fails("piqa", text).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_too_long_is_reported() =>
        Assert.Contains("1048576 bytes, found 1048577", Fails("piqa", Encoding.UTF8.GetBytes(new string('x', TaskDataReader.MaxLineBytes + 1))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    public void A_file_without_questions_is_reported(string text) =>
        Assert.Contains("expected a line with a question, found none", Fails("piqa", Encoding.UTF8.GetBytes(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Deep_nesting_is_reported() => Fails("piqa", Encoding.UTF8.GetBytes(new string('[', 10_000)));

    [Fact]
    public void Errors_are_counted()
    {
        var bag = new DiagnosticBag();
        Assert.Null(TaskLines.Read("piqa", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{}\n", 100))), bag));
        Assert.Equal(TaskDataReader.MaxErrors, bag.Items.Count);
        Assert.Equal([1, 2, 3], bag.Items.Take(3).Select(item => item.Place.Line!.Value));
    }

    [Fact]
    public void A_file_that_is_missing_or_too_large_is_reported()
    {
        using var folder = new TemporaryFolder();
        var bag = new DiagnosticBag();
        Assert.Null(TaskDataReader.Read(TaskTable.Find("piqa")!, folder["none.jsonl"], null, bag));
        Assert.Same(InputDiagnostics.Missing, Assert.Single(bag.Items).Descriptor);
        using (var stream = File.Create(folder["large.jsonl"]))
            stream.SetLength(TaskDataReader.MaxBytes + 1L);
        bag = new DiagnosticBag();
        Assert.Null(TaskDataReader.Read(TaskTable.Find("piqa")!, folder["large.jsonl"], null, bag));
        Assert.Contains("found 268435457", Assert.Single(bag.Items).Message, StringComparison.Ordinal);
    }

    private static Diagnostic Fails(string task, byte[] bytes)
    {
        var bag = new DiagnosticBag();
        Assert.Null(TaskLines.Read(task, bytes, bag));
        var error = Assert.Single(bag.Items);
        Assert.Same(RuntimeDiagnostics.TaskData, error.Descriptor);
        return error;
    }
}
