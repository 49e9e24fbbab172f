using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.CommandLine.Models;

/// <summary>Whether two models give probabilities to the same tokens, without which a divergence means nothing.</summary>
internal static class SameVocabulary
{
    /// <summary>Why there is no divergence between two models, or null where there is one.</summary>
    public static string? Refusal(LoadedModel reference, LoadedModel other)
    {
        if (reference.Module.VocabularyRows != other.Module.VocabularyRows)
            return $"the reference has {reference.Module.VocabularyRows} vocabulary rows, the model {other.Module.VocabularyRows}";
        return reference.Tokenizer is { } left && other.Tokenizer is { } right && left.Hash != right.Hash
            ? $"the tokenizers differ: that of the reference has SHA-256 {left.Hash[..16]}, that of the model {right.Hash[..16]}"
            : null;
    }

    /// <summary>True where there is a divergence; otherwise an error.</summary>
    public static bool Check(LoadedModel reference, LoadedModel other, DiagnosticBag diagnostics)
    {
        if (Refusal(reference, other) is not { } reason)
            return true;
        diagnostics.Add(CommandDiagnostics.WrongModel, reason, Place.OfFile(other.Path), "compare bits per byte, which bimambac eval gives for each, or models of one tokenizer");
        return false;
    }
}
