namespace BiMamba.Comparison.Reports;

/// <summary>The footnotes of a table, numbered from 1 in the order in which they are first needed; equal texts are one.</summary>
internal sealed class Footnotes
{
    private readonly List<string> texts = [];

    /// <summary>The texts; the first is number 1.</summary>
    public IReadOnlyList<string> Texts => texts;

    /// <summary>The number of a text.</summary>
    public int Mark(string text)
    {
        var index = texts.IndexOf(text);
        if (index < 0)
        {
            index = texts.Count;
            texts.Add(text);
        }

        return index + 1;
    }
}
