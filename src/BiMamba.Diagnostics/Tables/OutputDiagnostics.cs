namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM60xx: files that a command writes.</summary>
public static class OutputDiagnostics
{
    /// <summary>The output exists and nothing is overwritten unasked.</summary>
    public static readonly DiagnosticDescriptor Exists =
        DiagnosticDescriptor.Error("BIM6001", ExitCode.OutputRefused, "The output exists already.");

    /// <summary>The output cannot be written.</summary>
    public static readonly DiagnosticDescriptor NotWritable =
        DiagnosticDescriptor.Error("BIM6002", ExitCode.OutputRefused, "The output cannot be written.");

    /// <summary>The output is one of the inputs.</summary>
    public static readonly DiagnosticDescriptor EqualsInput =
        DiagnosticDescriptor.Error("BIM6003", ExitCode.OutputRefused, "The output is one of the inputs.");
}
