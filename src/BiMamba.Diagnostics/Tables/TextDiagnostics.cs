namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM00xx: text forms as such: characters, tokens, grammar.</summary>
public static class TextDiagnostics
{
    /// <summary>A text does not match its grammar.</summary>
    public static readonly DiagnosticDescriptor Syntax =
        DiagnosticDescriptor.Error("BIM0001", ExitCode.Malformed, "A text does not match its grammar.");

    /// <summary>A text file is not UTF-8.</summary>
    public static readonly DiagnosticDescriptor NotUtf8 =
        DiagnosticDescriptor.Error("BIM0002", ExitCode.Malformed, "A text file is not UTF-8.");

    /// <summary>A text file is too long.</summary>
    public static readonly DiagnosticDescriptor TooLong =
        DiagnosticDescriptor.Error("BIM0003", ExitCode.Malformed, "A text file is longer than any text form needs.");
}
