using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Toolchain.Models;

namespace BiMamba.Toolchain.Generation;

/// <summary>The ids of a prompt.</summary>
internal static class Prompt
{
    /// <summary>The ids of a text, with what the tokenizer adds before one; null with an error where there is no tokenizer or no token.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The text.</param>
    /// <param name="place">What messages call it.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public static int[]? Encode(LoadedModel model, string text, string place, DiagnosticBag diagnostics)
    {
        if (model.Tokenizer is not { } tokenizer)
        {
            diagnostics.Add(RuntimeDiagnostics.NoTokenizer, "a prompt is text, but the model has no tokenizer", Place.OfFile(model.Path), "pass --tokenizer tokenizer.json");
            return null;
        }

        return Check(model, tokenizer.Encode(text, addSpecialTokens: true), place, diagnostics);
    }

    /// <summary>The ids, of which there is one and each is in the vocabulary; otherwise null with an error.</summary>
    /// <inheritdoc cref="Encode" path="/param"/>
    /// <param name="ids">The ids.</param>
    public static int[]? Check(LoadedModel model, int[] ids, string place, DiagnosticBag diagnostics)
    {
        if (ids.Length > 0)
            return CorpusReader.CheckIds(ids, model.Module.VocabularyRows, place, diagnostics) ? ids : null;
        diagnostics.Add(CommandDiagnostics.Usage, $"{place}: expected at least one token, found an empty text", Place.None);
        return null;
    }
}
