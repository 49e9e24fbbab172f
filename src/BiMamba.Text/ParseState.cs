namespace BiMamba.Text;

/// <summary>What one run of a parser remembers across backtracking: the furthest failure, what is open there, and the depth of nesting.</summary>
internal sealed class ParseState(SourceText text, NewLines newLines)
{
    private readonly List<string> expected = [];
    private readonly Stack<int> open = [];

    /// <summary>The text.</summary>
    public SourceText Text { get; } = text;

    /// <summary>Whether line ends are blanks.</summary>
    public NewLines NewLines { get; } = newLines;

    /// <summary>Position of the furthest failure.</summary>
    public int FurthestPosition { get; private set; }

    /// <summary>What was expected at <see cref="FurthestPosition"/>, first tried first.</summary>
    public IReadOnlyList<string> Expected => expected;

    /// <summary>Where the innermost bracket stands that was open at <see cref="FurthestPosition"/>; null where none was.</summary>
    public int? OpenAtFurthest { get; private set; }

    /// <summary>Levels of <see cref="Lexer.Nested"/> that are open.</summary>
    public int Depth { get; set; }

    /// <summary>Remembers a failure unless a further one is known.</summary>
    public void Fail(int position, string expectation)
    {
        if (position < FurthestPosition)
            return;
        if (position > FurthestPosition)
        {
            FurthestPosition = position;
            OpenAtFurthest = open.TryPeek(out var bracket) ? bracket : null;
            expected.Clear();
        }

        if (!expected.Contains(expectation, StringComparer.Ordinal))
            expected.Add(expectation);
    }

    /// <summary>Remembers that a bracket is open.</summary>
    public void Open(int position) => open.Push(position);

    /// <summary>The innermost bracket is read to its end, or given up.</summary>
    public void Close() => open.Pop();
}
