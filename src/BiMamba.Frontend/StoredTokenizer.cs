namespace BiMamba.Frontend;

/// <summary>A tokenizer that lies in the file of the weights.</summary>
/// <param name="Json">A tokenizer.json as Hugging Face writes it; empty where ids are bytes.</param>
/// <param name="IsBytes">True where the id of a token is its byte.</param>
public sealed record StoredTokenizer(ReadOnlyMemory<byte> Json, bool IsBytes);
