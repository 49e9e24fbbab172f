namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM22xx: IR text, and the weights that belong to it.</summary>
public static class IrTextDiagnostics
{
    /// <summary>A word stands in no table.</summary>
    public static readonly DiagnosticDescriptor UnknownWord =
        DiagnosticDescriptor.Error("BIM2201", ExitCode.Malformed, "A level, op, operand, attribute, element type or encoding of IR text stands in no table.");

    /// <summary>Weights are not there or are others.</summary>
    public static readonly DiagnosticDescriptor Weights =
        DiagnosticDescriptor.Error("BIM2202", ExitCode.Malformed, "The weights of IR text are missing, or differ from what the text says of them.");
}
