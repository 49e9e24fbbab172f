using BiMamba.Comparison.Results;

namespace BiMamba.Comparison.Reports;

/// <summary>A cell of a report's table.</summary>
/// <param name="Text">The value.</param>
/// <param name="Detail">What belongs to it, such as its interval; empty where nothing does.</param>
/// <param name="Mark">Number of its footnote, or null.</param>
internal sealed record TableCell(string Text, string Detail = "", int? Mark = null)
{
    /// <summary>A cell without a value.</summary>
    public static TableCell Missing { get; } = new(ReportNumbers.Missing);

    /// <summary>Value and detail.</summary>
    public string Whole => Detail.Length == 0 ? Text : Text + " " + Detail;
}

/// <summary>What the cells of a row are made of.</summary>
/// <param name="Row">The model.</param>
/// <param name="Result">The model on the corpus, or null where it was not measured.</param>
/// <param name="HasTokenizerOfReference">Whether its tokens are those of the reference, so that what is counted by token compares.</param>
/// <param name="Footnotes">The footnotes of the table.</param>
internal sealed record CellSource(ComparisonRow Row, CorpusResult? Result, bool HasTokenizerOfReference, Footnotes Footnotes);

/// <summary>A column of a report's table.</summary>
/// <param name="Header">Its header, with the unit.</param>
/// <param name="Meaning">A sentence that says what it is.</param>
/// <param name="Kind">What its cells hold.</param>
/// <param name="Cell">Its cell of a row.</param>
internal sealed record TableColumn(string Header, string Meaning, ColumnKind Kind, Func<CellSource, TableCell> Cell);

/// <summary>What the cells of a column hold.</summary>
internal enum ColumnKind
{
    /// <summary>The name of the model.</summary>
    Name,

    /// <summary>A pipeline.</summary>
    Method,

    /// <summary>A way of training.</summary>
    Training,

    /// <summary>A number counted by token, which compares within one tokenizer only.</summary>
    ByToken,

    /// <summary>Any other number.</summary>
    Number,

    /// <summary>A whole number that may be large.</summary>
    Count,
}
