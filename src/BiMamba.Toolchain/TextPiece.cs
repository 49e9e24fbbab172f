namespace BiMamba.Toolchain;

/// <summary>One token of a generated text.</summary>
/// <param name="Id">Its id; null for the text that an unfinished character at the end leaves.</param>
/// <param name="Text">
/// The text that the token completes: whole characters, empty while one is incomplete and where the model has no tokenizer.
/// All pieces together are what the tokenizer decodes from all ids at once.
/// </param>
public sealed record TextPiece(int? Id, string Text);
