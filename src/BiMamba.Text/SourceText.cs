using System.Globalization;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Text;

/// <summary>A named text with its lines: maps positions (UTF-16 units from 0) to lines and columns (from 1).</summary>
public sealed class SourceText
{
    /// <summary>Text files beyond this many bytes are refused: text forms carry structure, never weights.</summary>
    public const int MaxFileBytes = 64 << 20;

    private const int MaxExcerpt = 160;

    private const int MaxMessage = 1000;

    private readonly List<int> lineStarts = [0];

    /// <summary>A text and the name that diagnostics give it: a path or a word such as <c>pipeline</c>.</summary>
    public SourceText(string name, string content)
    {
        Name = name;
        Content = content;
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] == '\n')
                lineStarts.Add(i + 1);
        }
    }

    /// <summary>The name in diagnostics.</summary>
    public string Name { get; }

    /// <summary>The characters.</summary>
    public string Content { get; }

    /// <summary>Number of lines; a text that ends with a line feed has an empty last line.</summary>
    public int LineCount => lineStarts.Count;

    /// <summary>
    /// Reads a UTF-8 text file, with or without a byte order mark. Null with a diagnostic of
    /// <see cref="InputDiagnostics"/> or <see cref="TextDiagnostics"/> if it cannot be read.
    /// </summary>
    public static SourceText? Load(string path, DiagnosticBag diagnostics)
    {
        byte[] bytes;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > MaxFileBytes)
            {
                diagnostics.Add(TextDiagnostics.TooLong, $"expected at most {MaxFileBytes} bytes of text, found {stream.Length}", Place.OfFile(path));
                return null;
            }

            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            diagnostics.Add(InputDiagnostics.Missing, "the file does not exist", Place.OfFile(path), "check the path");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(InputDiagnostics.Unreadable, $"the file cannot be read: {e.Message}", Place.OfFile(path));
            return null;
        }

        return Decode(path, bytes, diagnostics);
    }

    /// <summary>A text of UTF-8 bytes. Null with <see cref="TextDiagnostics.NotUtf8"/> if they are not UTF-8.</summary>
    public static SourceText? Decode(string name, ReadOnlySpan<byte> bytes, DiagnosticBag diagnostics)
    {
        var skipped = bytes.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        bytes = bytes[skipped..];
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            var at = FirstInvalid(bytes);
            diagnostics.Add(TextDiagnostics.NotUtf8, string.Create(CultureInfo.InvariantCulture, $"expected UTF-8 text, found byte 0x{bytes[at]:X2} in line {bytes[..at].Count((byte)'\n') + 1}"), new Place(name, Offset: skipped + at), "save the file as UTF-8");
            return null;
        }

        return new SourceText(name, Encoding.UTF8.GetString(bytes));
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
            at += length;
        return at;
    }

    /// <summary>Line and column of a position; the end of the text is a position too.</summary>
    public (int Line, int Column) LineColumn(int position)
    {
        var index = lineStarts.BinarySearch(position);
        var line = index >= 0 ? index : ~index - 1;
        return (line + 1, position - lineStarts[line] + 1);
    }

    /// <summary>The characters of a line, from 1, without its line end.</summary>
    public string Line(int line)
    {
        var start = lineStarts[line - 1];
        var end = line < lineStarts.Count ? lineStarts[line] - 1 : Content.Length;
        return Content[start..end].TrimEnd('\r');
    }

    /// <summary>The place of a position in this text.</summary>
    public Place PlaceOf(int position)
    {
        var (line, column) = LineColumn(position);
        return new Place(Name, Line: line, Column: column);
    }

    /// <summary>The line of a position and, below it, a caret under the position; two lines, indented by four.</summary>
    public string Excerpt(int position)
    {
        var (line, column) = LineColumn(position);
        var text = Line(line);
        column = Math.Min(column, text.Length + 1);
        // A long line is shown around the caret only.
        var from = Math.Max(0, Math.Min(column - 1 - MaxExcerpt / 2, text.Length - MaxExcerpt));
        var shown = text.Substring(from, Math.Min(MaxExcerpt, text.Length - from));
        var caret = new StringBuilder("    ");
        for (var i = from; i < column - 1; i++)
            caret.Append(i < text.Length && text[i] == '\t' ? '\t' : ' ');
        return string.Create(CultureInfo.InvariantCulture, $"    {shown}\n{caret}^");
    }

    /// <summary>Adds a diagnostic at a position, with the line and a caret below the message.</summary>
    public void Report(DiagnosticBag diagnostics, DiagnosticDescriptor descriptor, int position, string message, string? hint = null) =>
        diagnostics.Add(descriptor, $"{Clip(message)}{(hint is null ? "" : "; hint: " + Clip(hint))}\n{Excerpt(position)}", PlaceOf(position));

    /// <summary>Messages quote the text, whose words can be as long as it is.</summary>
    private static string Clip(string message) => message.Length <= MaxMessage ? message : $"{message[..(MaxMessage / 2)]} ... {message[^(MaxMessage / 4)..]}";
}
