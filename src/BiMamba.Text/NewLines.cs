namespace BiMamba.Text;

/// <summary>What a line end means in a text form.</summary>
public enum NewLines
{
    /// <summary>A line end is a blank, as in pipeline text.</summary>
    Blank,

    /// <summary>A line end is a token, <see cref="Lexer.LineBreak"/>, as in the IR text and the format specs.</summary>
    Significant,
}
