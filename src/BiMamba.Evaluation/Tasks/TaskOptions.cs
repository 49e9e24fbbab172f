namespace BiMamba.Evaluation.Tasks;

/// <summary>How tasks are scored.</summary>
/// <param name="MaxLength">Tokens that the model reads at most, from 1; longer contexts lose their beginning.</param>
/// <param name="AddsSpecialTokens">True to add what the tokenizer adds to a text, such as a begin-of-text token.</param>
public sealed record TaskOptions(int MaxLength = TaskOptions.DefaultMaxLength, bool AddsSpecialTokens = true)
{
    /// <summary>The harness's length for models whose configuration names none.</summary>
    public const int DefaultMaxLength = 2048;
}
