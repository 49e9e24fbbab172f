namespace BiMamba.Text;

/// <summary>A parsed value and where its first token starts.</summary>
/// <param name="Value">The value.</param>
/// <param name="Position">UTF-16 units from the start of the text.</param>
/// <remarks>A class, so that grammars over it share one compiled form of each combinator: start-up is mostly compiling them.</remarks>
public sealed record Located<T>(T Value, int Position);
