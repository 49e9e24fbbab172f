using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Runtime;
using BiMamba.Tokenizers;

namespace BiMamba.Evaluation.StateAudit;

/// <summary>Which models can be compared state by state.</summary>
public static class ComparableModels
{
    /// <summary>True where a model has scans, each with the shape of the reference's, and as many vocabulary rows; otherwise an error says what differs.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="other">The model.</param>
    /// <param name="place">The model as the user named it.</param>
    /// <param name="diagnostics">Receives the error.</param>
    public static bool CheckShapes(ModelRunner reference, ModelRunner other, string place, DiagnosticBag diagnostics)
    {
        if (Difference(reference, other) is not { } difference)
            return true;
        diagnostics.Add(RuntimeDiagnostics.ShapesDiffer, difference, Place.OfFile(place), "compare a model with the checkpoint that it was made from");
        return false;
    }

    /// <summary>True where both models read text alike, or one of them has no tokenizer; otherwise an error.</summary>
    /// <param name="reference">The tokenizer of the reference, or null.</param>
    /// <param name="other">The tokenizer of the model, or null.</param>
    /// <param name="place">The model as the user named it.</param>
    /// <param name="diagnostics">Receives the error.</param>
    public static bool CheckTokenizers(Tokenizer? reference, Tokenizer? other, string place, DiagnosticBag diagnostics)
    {
        if (Difference(reference, other) is not { } difference)
            return true;
        diagnostics.Add(RuntimeDiagnostics.TokenizersDiffer, difference, Place.OfFile(place), "compare a model with the checkpoint that it was made from, or pass --tokenizer for both");
        return false;
    }

    /// <summary>Why two models do not give probabilities to the same tokens, without which a divergence means nothing; null where they do.</summary>
    /// <param name="referenceRows">Vocabulary rows of the reference.</param>
    /// <param name="reference">The tokenizer of the reference, or null.</param>
    /// <param name="rows">Vocabulary rows of the model.</param>
    /// <param name="other">The tokenizer of the model, or null.</param>
    public static string? Refusal(int referenceRows, Tokenizer? reference, int rows, Tokenizer? other) =>
        RowsDifference(referenceRows, rows) ?? Difference(reference, other);

    /// <summary>True where two models give probabilities to the same tokens; otherwise an error.</summary>
    /// <inheritdoc cref="Refusal"/>
    /// <param name="place">The model as the user named it.</param>
    /// <param name="diagnostics">Receives the error.</param>
    public static bool CheckTokens(int referenceRows, Tokenizer? reference, int rows, Tokenizer? other, string place, DiagnosticBag diagnostics)
    {
        if (RowsDifference(referenceRows, rows) is not { } difference)
            return CheckTokenizers(reference, other, place, diagnostics);
        diagnostics.Add(RuntimeDiagnostics.ShapesDiffer, difference, Place.OfFile(place), "compare bits per byte, which bimambac eval gives for each");
        return false;
    }

    private static string? RowsDifference(int reference, int other) =>
        reference == other ? null : Text($"expected {reference} vocabulary rows as in the reference, found {other}");

    private static string? Difference(Tokenizer? reference, Tokenizer? other) => reference is null || other is null || reference.Hash == other.Hash
        ? null
        : $"expected the tokenizer of the reference, {reference.Kind} with sha256 {reference.Hash[..16]}, found {other.Kind} with sha256 {other.Hash[..16]}";

    private static string? Difference(ModelRunner reference, ModelRunner other)
    {
        if (RowsDifference(reference.VocabularyRows, other.VocabularyRows) is { } rows)
            return rows;
        if (reference.Scans.Length != other.Scans.Length)
            return Text($"expected as many scans as in the reference, {reference.Scans.Length}, found {other.Scans.Length}");
        if (reference.Scans.Length == 0)
            return "expected models with scans, found none";
        var pair = reference.Scans.Zip(other.Scans).FirstOrDefault(pair => !pair.First.HasShapeOf(pair.Second));
        return pair.First is null ? null : $"expected a state of {Words(pair.First)} in {pair.Second.Block} as in the reference, found {Words(pair.Second)}";
    }

    private static string Words(ScanSlot scan) =>
        scan.HasHeads ? Text($"{scan.Heads} heads of {scan.StateSize} x {scan.Channels}") : Text($"{scan.StateSize} x {scan.Channels}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
