using System.Collections.Immutable;

namespace BiMamba.Evaluation;

/// <summary>What a row of a corpus file is.</summary>
public enum CorpusRows
{
    /// <summary>The whole file.</summary>
    File,

    /// <summary>A line with its line feed, or nothing for a line of blanks, as the datasets library has WikiText.</summary>
    Lines,

    /// <summary>A line without blanks around it, as the datasets library has the Penn Treebank.</summary>
    TrimmedLines,

    /// <summary>A document of a JSONL file.</summary>
    Documents,
}

/// <summary>
/// How the rows of a corpus become one text: published perplexities differ by the separator as much as by a method
/// (datautils.py of the GPTQ, BiLLM and Bi-Mamba code).
/// </summary>
/// <param name="Name">The name on the command line and in results.</param>
/// <param name="Rows">What a row is. A JSONL file has documents under every rule but <see cref="None"/> has them too.</param>
/// <param name="Separator">What stands between two rows.</param>
/// <param name="MaxRows">Rows that are taken, or null for all.</param>
/// <param name="MaxWindows">Windows that are scored, or null for all.</param>
/// <param name="Summary">What it is for.</param>
public sealed record JoinRule(string Name, CorpusRows Rows, string Separator, int? MaxRows, int? MaxWindows, string Summary)
{
    /// <summary>The file as it is; the documents of a JSONL file with an empty line between them.</summary>
    public static JoinRule None { get; } = new("none", CorpusRows.File, "\n\n", null, null, "the text as it is; documents of a .jsonl file with an empty line between them");

    /// <summary>All rules.</summary>
    public static ImmutableArray<JoinRule> All { get; } =
    [
        None,
        new("wikitext2", CorpusRows.Lines, "\n\n", null, null, "lines of the raw WikiText-2 file, two line feeds between them"),
        new("ptb", CorpusRows.TrimmedLines, " ", null, null, "lines of the Penn Treebank, a blank between them"),
        new("ptb-newlines", CorpusRows.TrimmedLines, "\n\n", null, null, "lines of the Penn Treebank, two line feeds between them, as Quamba and Bi-Mamba's GPTQ have them"),
        new("c4", CorpusRows.Documents, " ", 1100, 256, "the first 1100 documents, a blank between them, the first 256 windows"),
    ];
}
