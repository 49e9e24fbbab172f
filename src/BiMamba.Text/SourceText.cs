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
    private readonly SourceText? whole;

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

    private SourceText(SourceText whole, int position, int length)
        : this(whole.Name, string.Concat(string.Create(position, whole.Content, Blank), whole.Content.AsSpan(position, length))) => this.whole = whole;

    /// <summary>The name in diagnostics.</summary>
    public string Name { get; }

    /// <summary>The characters.</summary>
    public string Content { get; }

    /// <summary>
    /// Reads a UTF-8 text file, with or without a byte order mark. Null with a diagnostic of
    /// <see cref="InputDiagnostics"/> or <see cref="TextDiagnostics"/> if it cannot be read.
    /// </summary>
    public static SourceText? Load(string path, DiagnosticBag diagnostics)
    {
        if (Directory.Exists(path))
        {
            diagnostics.Add(InputDiagnostics.Unreadable, "expected a file, found a folder", Place.OfFile(path), "name a file in it");
            return null;
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return Read(path, stream, diagnostics);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            diagnostics.Add(InputDiagnostics.Missing, "the file does not exist", Place.OfFile(path), "check the path");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(InputDiagnostics.Unreadable, $"the file cannot be read: {e.Message}", Place.OfFile(path), "check its permissions");
            return null;
        }
    }

    /// <summary>
    /// Reads UTF-8 text to the end of a stream, such as a pipe, that need not know its length. Null with a diagnostic of
    /// <see cref="TextDiagnostics"/> if it is too long or not UTF-8.
    /// </summary>
    /// <param name="name">The name in diagnostics.</param>
    /// <param name="stream">The bytes.</param>
    /// <param name="diagnostics">Receives the error.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static SourceText? Read(string name, Stream stream, DiagnosticBag diagnostics)
    {
        if (stream.CanSeek && stream.Length > MaxFileBytes)
        {
            ReportTooLong(name, string.Create(CultureInfo.InvariantCulture, $"{stream.Length}"), diagnostics);
            return null;
        }

        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        int count;
        while (bytes.Length <= MaxFileBytes && (count = stream.Read(buffer)) > 0)
            bytes.Write(buffer, 0, count);
        if (bytes.Length <= MaxFileBytes)
            return Decode(name, bytes.GetBuffer().AsSpan(0, (int)bytes.Length), diagnostics);
        ReportTooLong(name, "more", diagnostics);
        return null;
    }

    private static void ReportTooLong(string name, string found, DiagnosticBag diagnostics) =>
        diagnostics.Add(TextDiagnostics.TooLong, $"expected at most {MaxFileBytes} bytes of text, found {found}", Place.OfFile(name), "text has no weights in it: check that this is the right file");

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

    /// <summary>The value of a directive as a text of its own, whose errors stand at its line and column of this text.</summary>
    public SourceText Value(TextDirective directive) => new(this, directive.ValuePosition, directive.Value.Length);

    /// <summary>Everything before a part becomes blank; its lines stay.</summary>
    private static void Blank(Span<char> blank, string content)
    {
        for (var i = 0; i < blank.Length; i++)
            blank[i] = content[i] == '\n' ? '\n' : ' ';
    }

    /// <summary>Line and column of a position; the end of the text is a position too.</summary>
    public (int Line, int Column) LineColumn(int position)
    {
        var index = lineStarts.BinarySearch(position);
        var line = index >= 0 ? index : ~index - 1;
        return (line + 1, position - lineStarts[line] + 1);
    }

    /// <summary>The characters of a line, from 1, without its line end.</summary>
    public string Line(int line) => LineSpan(line).ToString();

    private ReadOnlySpan<char> LineSpan(int line)
    {
        var start = lineStarts[line - 1];
        var end = line < lineStarts.Count ? lineStarts[line] - 1 : Content.Length;
        return Content.AsSpan(start, end - start).TrimEnd('\r');
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
        if (whole is not null)
            return whole.Excerpt(position);
        var (line, column) = LineColumn(position);
        var text = LineSpan(line);
        column = Math.Min(column, text.Length + 1);
        // A long line is shown around the caret only, and nothing else of it is copied: a line can have many errors.
        var from = Math.Max(0, Math.Min(column - 1 - MaxExcerpt / 2, text.Length - MaxExcerpt));
        var caret = new StringBuilder("    ");
        for (var i = from; i < column - 1; i++)
            caret.Append(text[i] == '\t' ? '\t' : ' ');
        return string.Create(CultureInfo.InvariantCulture, $"    {text.Slice(from, Math.Min(MaxExcerpt, text.Length - from))}\n{caret}^");
    }

    /// <summary>Adds a diagnostic at a position, with the line and a caret below the message.</summary>
    public void Report(DiagnosticBag diagnostics, DiagnosticDescriptor descriptor, int position, string message, string? hint = null) =>
        diagnostics.Add(descriptor, $"{Clip(message)}{(hint is null ? "" : "; hint: " + Clip(hint))}\n{Excerpt(position)}", PlaceOf(position));

    /// <summary>Messages quote the text, whose words can be as long as it is.</summary>
    private static string Clip(string message) => message.Length <= MaxMessage ? message : $"{message[..(MaxMessage / 2)]} ... {message[^(MaxMessage / 4)..]}";
}
