namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM61xx: random checkpoints that a command is asked for.</summary>
public static class SynthesisDiagnostics
{
    /// <summary>The architecture is not in the table.</summary>
    public static readonly DiagnosticDescriptor UnknownArchitecture =
        DiagnosticDescriptor.Error("BIM6101", ExitCode.Usage, "A random checkpoint of an unknown architecture was asked for.");

    /// <summary>The size is not in the table.</summary>
    public static readonly DiagnosticDescriptor UnknownSize =
        DiagnosticDescriptor.Error("BIM6102", ExitCode.Usage, "A random checkpoint of an unknown size was asked for.");

    /// <summary>The vocabulary is out of range.</summary>
    public static readonly DiagnosticDescriptor Vocabulary =
        DiagnosticDescriptor.Error("BIM6103", ExitCode.Usage, "A random checkpoint of an impossible vocabulary was asked for.");

    /// <summary>The element type is not one that checkpoints are written in.</summary>
    public static readonly DiagnosticDescriptor UnknownType =
        DiagnosticDescriptor.Error("BIM6104", ExitCode.Usage, "A random checkpoint of an unknown element type was asked for.");

    /// <summary>The architecture has no layout in GGUF files.</summary>
    public static readonly DiagnosticDescriptor NotGguf =
        DiagnosticDescriptor.Error("BIM6105", ExitCode.Usage, "A random GGUF file of an architecture that it cannot hold was asked for.");

    /// <summary>An option of GGUF files is given without one.</summary>
    public static readonly DiagnosticDescriptor OnlyGguf =
        DiagnosticDescriptor.Error("BIM6106", ExitCode.Usage, "An option of random GGUF files is given for a checkpoint folder.");
}
