namespace BiMamba.Text;

/// <summary>A parsed value and where its first token starts.</summary>
/// <param name="Value">The value.</param>
/// <param name="Position">UTF-16 units from the start of the text.</param>
public readonly record struct Located<T>(T Value, int Position);
