using System.Collections;

namespace BiMamba.Text;

/// <summary>A comment line <c>; key: value</c> at the head of a text.</summary>
/// <param name="Key">The key, a <see cref="Lexer.KebabName"/>.</param>
/// <param name="Value">What stands behind the colon, without blanks around it; empty where nothing does.</param>
/// <param name="Position">Where the key starts, in UTF-16 units from the start of the text.</param>
/// <param name="ValuePosition">Where the value starts; the end of the line where it is empty.</param>
public sealed record TextDirective(string Key, string Value, int Position, int ValuePosition);

/// <summary>
/// The directives of a text: those of its comment lines that stand before anything else and have the form
/// <c>; key: value</c>. Other comment lines are for readers only.
/// </summary>
public sealed class TextDirectives : IReadOnlyList<TextDirective>
{
    private readonly List<TextDirective> items;

    private TextDirectives(List<TextDirective> items, int end)
    {
        this.items = items;
        End = end;
    }

    /// <summary>Where the first line starts that is neither blank nor a comment; the end of the text where there is none.</summary>
    public int End { get; }

    /// <inheritdoc/>
    public int Count => items.Count;

    /// <inheritdoc/>
    public TextDirective this[int index] => items[index];

    /// <summary>The directives of a text, in order.</summary>
    public static TextDirectives Read(SourceText text)
    {
        var items = new List<TextDirective>();
        var source = text.Content;
        var start = 0;
        while (start < source.Length)
        {
            var end = source.IndexOf('\n', start);
            end = end < 0 ? source.Length : end;
            var first = SkipBlanks(source, start, end);
            if (first < end && source[first] != ';')
                break;
            if (first < end && TryRead(source, first + 1, end) is { } directive)
                items.Add(directive);
            start = Math.Min(end + 1, source.Length);
        }

        return new TextDirectives(items, start);
    }

    /// <summary>The first directive of a key, or null.</summary>
    public TextDirective? Find(string key) => items.Find(item => item.Key == key);

    /// <inheritdoc/>
    public IEnumerator<TextDirective> GetEnumerator() => items.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static TextDirective? TryRead(string source, int position, int end)
    {
        var key = SkipBlanks(source, position, end);
        var colon = source.IndexOf(':', key, end - key);
        if (colon < 0 || !Lexer.IsKebabName(source[key..colon]))
            return null;
        var value = SkipBlanks(source, colon + 1, end);
        return new TextDirective(source[key..colon], source[value..end].TrimEnd(), key, value);
    }

    private static int SkipBlanks(string source, int position, int end)
    {
        while (position < end && source[position] is ' ' or '\t' or '\r')
            position++;
        return position;
    }
}
