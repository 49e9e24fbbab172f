using BiMamba.Evaluation;

namespace BiMamba.Toolchain;

/// <summary>What a text costs a model.</summary>
/// <param name="Details">The score of every window, with corpus, protocol and windows.</param>
/// <param name="CalibrationOverlap">How much of the text the model was calibrated on; null where it was not calibrated, or that is not known.</param>
public sealed record EvaluateResult(Evaluation.Perplexity Details, NgramOverlap? CalibrationOverlap)
{
    /// <summary>exp of <see cref="Nll"/>.</summary>
    public double Perplexity => Details.Value;

    /// <summary>Mean negative log-likelihood in nats a token, averaged as the protocol does.</summary>
    public double Nll => Details.Nll;

    /// <summary>Bits a byte of text, comparable across tokenizers; null for a file of ids, whose text is not known.</summary>
    public double? BitsPerByte => Details.BitsPerByte;

    /// <summary>Standard error of the perplexity as llama.cpp prints it; null by other protocols.</summary>
    public double? StandardError => Details.StandardError;

    /// <summary>Windows that were scored.</summary>
    public int Windows => Details.Windows.Count;

    /// <summary>Tokens that were scored.</summary>
    public long Tokens => Details.Tokens;
}
