namespace BiMamba.Text;

/// <summary>What one run of a parser remembers across backtracking: the furthest failure and the depth of nesting.</summary>
internal sealed class ParseState(SourceText text, NewLines newLines)
{
    private readonly List<string> expected = [];

    /// <summary>The text.</summary>
    public SourceText Text { get; } = text;

    /// <summary>Whether line ends are blanks.</summary>
    public NewLines NewLines { get; } = newLines;

    /// <summary>Position of the furthest failure.</summary>
    public int FurthestPosition { get; private set; }

    /// <summary>What was expected at <see cref="FurthestPosition"/>, first tried first.</summary>
    public IReadOnlyList<string> Expected => expected;

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
            expected.Clear();
        }

        if (!expected.Contains(expectation, StringComparer.Ordinal))
            expected.Add(expectation);
    }
}
