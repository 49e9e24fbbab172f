using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation.Tasks;

/// <summary>Reads the questions of a task: UTF-8 text with one JSON object a line. Blank lines are skipped.</summary>
public static class TaskDataReader
{
    /// <summary>Larger files are refused.</summary>
    public const int MaxBytes = 256 << 20;

    /// <summary>Longer lines are refused.</summary>
    public const int MaxLineBytes = 1 << 20;

    /// <summary>Wrong lines that are reported before the rest is left alone.</summary>
    public const int MaxErrors = 10;

    private const int MaxDepth = 16;

    /// <summary>The questions; null where the bag got an error.</summary>
    /// <param name="task">The task.</param>
    /// <param name="path">The file.</param>
    /// <param name="limit">Questions to read from the beginning, or null for all; later lines are not looked at.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public static TaskData? Read(TaskRow task, string path, int? limit, DiagnosticBag diagnostics)
    {
        using var map = Tensors.FileMap.Open(path, diagnostics);
        if (map is null)
            return null;
        if (map.Length > MaxBytes)
        {
            diagnostics.Add(RuntimeDiagnostics.TaskData, $"expected at most {MaxBytes} bytes, found {map.Length}", Place.OfFile(path), "split the file");
            return null;
        }

        return Parse(task, path, map.Copy(0, (int)map.Length), limit, diagnostics);
    }

    /// <summary>The questions of the bytes of a file; null where the bag got an error.</summary>
    /// <inheritdoc cref="Read" path="/param"/>
    /// <param name="bytes">The bytes.</param>
    public static TaskData? Parse(TaskRow task, string path, ReadOnlySpan<byte> bytes, int? limit, DiagnosticBag diagnostics)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var rest = bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        var questions = new List<TaskQuestion>();
        var errors = 0;
        for (var line = 1; !rest.IsEmpty && questions.Count < (limit ?? int.MaxValue) && errors < MaxErrors; line++)
        {
            var length = rest.IndexOf((byte)'\n') is var end and >= 0 ? end : rest.Length;
            var text = rest[..length];
            rest = rest[Math.Min(length + 1, rest.Length)..];
            if (text.Trim(" \t\r"u8).IsEmpty)
                continue;
            if (ParseLine(task, path, line, text, diagnostics) is { } question)
                questions.Add(question);
            else
                errors++;
        }

        if (errors > 0)
            return null;
        if (questions.Count > 0)
            return new TaskData(task, path, sha256, questions);
        diagnostics.Add(RuntimeDiagnostics.TaskData, "expected a line with a question, found none", Place.OfFile(path), Hint(task));
        return null;
    }

    private static TaskQuestion? ParseLine(TaskRow task, string path, int line, ReadOnlySpan<byte> text, DiagnosticBag diagnostics)
    {
        if (text.Length > MaxLineBytes)
            return Fail($"expected a line of at most {MaxLineBytes} bytes, found {text.Length}");
        if (!Utf8.IsValid(text))
            return Fail("expected UTF-8, found other bytes");
        try
        {
            using var document = JsonDocument.Parse(text.ToArray(), new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return task.Read(new TaskRecord(path, line, document.RootElement, diagnostics));
            return Fail($"expected a JSON object, found {document.RootElement.ValueKind switch { JsonValueKind.Array => "a list", _ => "another value" }}");
        }
        catch (JsonException e)
        {
            return Fail($"expected a JSON object: {Reason(e)}", (int?)e.BytePositionInLine + 1);
        }
        catch (InvalidOperationException)
        {
            return Fail("expected Unicode text, found an escaped surrogate without its partner");
        }

        TaskQuestion? Fail(string message, int? column = null)
        {
            diagnostics.Add(RuntimeDiagnostics.TaskData, message, new Place(path, Line: line, Column: column), Hint(task));
            return null;
        }
    }

    private static string Hint(TaskRow task) => $"a line of {task.Name} is one JSON object with {task.Fields}";

    /// <summary>What the parser says, without its own account of the place.</summary>
    private static string Reason(JsonException error) =>
        error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal) is var end and > 0 ? error.Message[..end] : error.Message;
}
