using BiMamba.IR;

namespace BiMamba.Formats.Bimb;

/// <summary>Everything that a file holds; its bytes are a pure function of this.</summary>
/// <param name="Module">The module; every resource becomes a tensor.</param>
/// <param name="Recipe">How the file was made, as JSON.</param>
/// <param name="Tokenizer">The tokenizer.</param>
public sealed record BimbContent(Module Module, string Recipe, BimbTokenizer Tokenizer);
