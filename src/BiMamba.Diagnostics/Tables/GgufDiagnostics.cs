namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM15xx: GGUF files as models. The rules of the format itself are those of <c>formats/gguf.spec</c> and have the rows of BIM40xx.</summary>
public static class GgufDiagnostics
{
    /// <summary>A tensor is stored in an encoding that is known but not decoded.</summary>
    public static readonly DiagnosticDescriptor TensorType =
        DiagnosticDescriptor.Error("BIM1501", ExitCode.Unsupported, "A tensor of a GGUF file is stored in a type that is not decoded.");

    /// <summary>The files of a split model do not belong together, or are not named as such files are.</summary>
    public static readonly DiagnosticDescriptor Split =
        DiagnosticDescriptor.Error("BIM1502", ExitCode.Malformed, "The files of a split GGUF model do not belong together.");

    /// <summary>A decay of the state has no logarithm.</summary>
    public static readonly DiagnosticDescriptor Decay =
        DiagnosticDescriptor.Error("BIM1503", ExitCode.Malformed, "A decay of a GGUF model, which is -exp(A_log), is not negative and finite.");

    /// <summary>The vocabulary of a file cannot be used.</summary>
    public static readonly DiagnosticDescriptor Tokenizer =
        DiagnosticDescriptor.Warning("BIM1504", "The vocabulary of a GGUF file is not used, so its text cannot be tokenized without another tokenizer.");
}
