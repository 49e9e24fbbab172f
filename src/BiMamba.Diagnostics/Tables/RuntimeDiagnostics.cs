namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM50xx: running a model.</summary>
public static class RuntimeDiagnostics
{
    /// <summary>A token id is outside the vocabulary.</summary>
    public static readonly DiagnosticDescriptor IdOutsideVocabulary =
        DiagnosticDescriptor.Error("BIM5001", ExitCode.Malformed, "A token id is outside the model's vocabulary.");

    /// <summary>A text has fewer tokens than one window.</summary>
    public static readonly DiagnosticDescriptor TextTooShort =
        DiagnosticDescriptor.Error("BIM5002", ExitCode.NotEnough, "A text is shorter than one window.");

    /// <summary>A file of token ids is malformed.</summary>
    public static readonly DiagnosticDescriptor TokenFile =
        DiagnosticDescriptor.Error("BIM5003", ExitCode.Malformed, "A file of token ids cannot be read as such.");

    /// <summary>A text needs a tokenizer that is not there.</summary>
    public static readonly DiagnosticDescriptor NoTokenizer =
        DiagnosticDescriptor.Error("BIM5004", ExitCode.Usage, "A text is to be tokenized and the model has no tokenizer.");

    /// <summary>The model's logits are not numbers.</summary>
    public static readonly DiagnosticDescriptor LogitsNotFinite =
        DiagnosticDescriptor.Error("BIM5005", ExitCode.VerificationFailed, "A model gives logits that are not finite.");

    /// <summary>A text was looked at before.</summary>
    public static readonly DiagnosticDescriptor CalibrationOverlap =
        DiagnosticDescriptor.Warning("BIM5006", "A model was calibrated on parts of the text that it is evaluated on.");

    /// <summary>A file of questions is malformed, or one of them cannot be scored.</summary>
    public static readonly DiagnosticDescriptor TaskData =
        DiagnosticDescriptor.Error("BIM5007", ExitCode.Malformed, "A line of a file of questions is not what its task expects.");

    /// <summary>Two models do not have the same shape.</summary>
    public static readonly DiagnosticDescriptor ShapesDiffer =
        DiagnosticDescriptor.Error("BIM5008", ExitCode.Usage, "Two models that are compared differ in their vocabularies or in the shapes of their states.");

    /// <summary>Two models do not read text alike.</summary>
    public static readonly DiagnosticDescriptor TokenizersDiffer =
        DiagnosticDescriptor.Error("BIM5009", ExitCode.Usage, "Two models that are compared have different tokenizers.");

    /// <summary>A protocol begins documents with a token that is not known.</summary>
    public static readonly DiagnosticDescriptor NoPrefix =
        DiagnosticDescriptor.Error("BIM5010", ExitCode.Usage, "A protocol predicts the first token of a document from a token that the tokenizer does not have.");

    /// <summary>A corpus file does not have the rows that are asked for.</summary>
    public static readonly DiagnosticDescriptor CorpusForm =
        DiagnosticDescriptor.Error("BIM5011", ExitCode.Malformed, "A corpus does not consist of the rows that its rule joins.");

    /// <summary>Too few tokens for a statistic.</summary>
    public static readonly DiagnosticDescriptor TooFewTokens =
        DiagnosticDescriptor.Error("BIM5012", ExitCode.NotEnough, "A text has too few tokens for the statistics of a protocol.");
}
