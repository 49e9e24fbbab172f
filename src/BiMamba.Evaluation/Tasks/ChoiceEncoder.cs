using BiMamba.Tokenizers;

namespace BiMamba.Evaluation.Tasks;

/// <summary>
/// Turns choices into tokens as the harness does: context and continuation are tokenized as one text, whose tokens behind
/// those of the context alone are the continuation. White space at the end of a context belongs to the continuation.
/// </summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="options">The length, and whether special tokens are added.</param>
internal sealed class ChoiceEncoder(Tokenizer tokenizer, TaskOptions options)
{
    private readonly int? prefix = tokenizer.Encode("", addSpecialTokens: true) is [var first, ..] ? first : tokenizer.EndOfTextId;
    private (string Text, int Length) last = ("", 0);

    /// <summary>The tokens of a choice, or null and why there are none.</summary>
    public ChoiceTokens? Encode(TaskChoice choice, out string reason)
    {
        var context = PythonText.StripEnd(choice.Context);
        var continuation = choice.Context[context.Length..] + choice.Continuation;
        if (context.Length == 0)
            return EncodeAlone(continuation, out reason);
        var ids = tokenizer.Encode(context + continuation, options.AddsSpecialTokens);
        return Cut(ids, ids.Length - ContextLength(context), out reason);
    }

    /// <summary>Without a context, the token that begins or ends a text stands for it.</summary>
    private ChoiceTokens? EncodeAlone(string continuation, out string reason)
    {
        reason = "expected a context, found an empty one, and the tokenizer has no token that begins or ends a text";
        if (prefix is not { } token)
            return null;
        var ids = tokenizer.Encode(continuation);
        return ids is [var first, ..] && first == token ? Cut(ids, ids.Length - 1, out reason) : Cut([token, .. ids], ids.Length, out reason);
    }

    private int ContextLength(string context)
    {
        // The choices of a question share their context.
        if (last.Text != context)
            last = (context, tokenizer.Encode(context, options.AddsSpecialTokens).Length);
        return last.Length;
    }

    private ChoiceTokens? Cut(int[] ids, int scored, out string reason)
    {
        reason = scored <= 0
            ? "expected a choice that adds tokens to its context, found none"
            : $"expected a choice of at most {options.MaxLength} tokens, found {scored}";
        if (scored <= 0 || scored > options.MaxLength)
            return null;
        // The last token is predicted, not read.
        var kept = (int)Math.Min(ids.Length, options.MaxLength + 1L);
        return new ChoiceTokens(kept == ids.Length ? ids : ids[^kept..], scored, kept < ids.Length);
    }
}
