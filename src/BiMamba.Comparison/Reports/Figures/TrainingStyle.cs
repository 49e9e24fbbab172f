namespace BiMamba.Comparison.Reports.Figures;

/// <summary>How a way of training looks.</summary>
/// <param name="Training">Its name in the report.</param>
/// <param name="Class">Class of its colour.</param>
/// <param name="Shape">Its marker.</param>
/// <param name="Meaning">What it is, for a legend.</param>
internal sealed record TrainingStyle(string Training, string Class, int Shape, string Meaning)
{
    private static readonly TrainingStyle[] Known =
    [
        new("full", "full", 0, "full precision"),
        new("bat", "bat", 3, "trained in 1 bit"),
        new("ptb", "ptb", 1, "made low-bit after training"),
    ];

    /// <summary>The looks of a way of training.</summary>
    public static TrainingStyle Of(string training) => Known.FirstOrDefault(style => style.Training == training) ?? new(training, "other", 5, training);

    /// <summary>What a legend says of it.</summary>
    public string Label => Meaning == Training ? Training : $"{Training}: {Meaning}";
}
