namespace BiMamba.Comparison.Reports.Figures;

/// <summary>
/// For what room a figure is drawn. Text in an image that stretches shrinks with it: so every figure is drawn twice, and
/// the style sheet shows the one that suits the screen.
/// </summary>
/// <param name="Class">Class of the style sheet.</param>
/// <param name="Width">Width in user units, about those of CSS pixels.</param>
/// <param name="MostTicks">Ticks that fit on the horizontal axis.</param>
internal sealed record FigureSize(string Class, int Width, int MostTicks)
{
    /// <summary>For a window of 40 rem and more.</summary>
    public static FigureSize Wide { get; } = new("wide", 860, 12);

    /// <summary>For a phone.</summary>
    public static FigureSize Narrow { get; } = new("narrow", 340, 6);

    /// <summary>Whether it is that of a phone.</summary>
    public bool IsNarrow => this == Narrow;

    /// <summary>A figure in both sizes.</summary>
    public static string Both(Func<FigureSize, string> draw) => draw(Wide) + draw(Narrow);
}
