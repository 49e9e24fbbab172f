namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM50xx: running a model.</summary>
public static class RuntimeDiagnostics
{
    /// <summary>A token id is outside the vocabulary.</summary>
    public static readonly DiagnosticDescriptor IdOutsideVocabulary =
        DiagnosticDescriptor.Error("BIM5001", ExitCode.Malformed, "A token id is outside the model's vocabulary.");

    /// <summary>A weight is too large for the runtime.</summary>
    public static readonly DiagnosticDescriptor WeightTooLarge =
        DiagnosticDescriptor.Error("BIM5002", ExitCode.Unsupported, "A weight has a dimension that the runtime cannot address.");
}
