namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM10xx: files and folders as such.</summary>
public static class InputDiagnostics
{
    /// <summary>A named input does not exist.</summary>
    public static readonly DiagnosticDescriptor Missing =
        DiagnosticDescriptor.Error("BIM1001", ExitCode.InputMissing, "An input file or folder does not exist.");

    /// <summary>A named input exists but cannot be opened.</summary>
    public static readonly DiagnosticDescriptor Unreadable =
        DiagnosticDescriptor.Error("BIM1002", ExitCode.InputMissing, "An input file cannot be read.");

    /// <summary>A folder holds no checkpoint.</summary>
    public static readonly DiagnosticDescriptor NoCheckpoint =
        DiagnosticDescriptor.Error("BIM1003", ExitCode.InputMissing, "A folder holds no file with weights.");

    /// <summary>A file is of no known kind.</summary>
    public static readonly DiagnosticDescriptor UnknownKind =
        DiagnosticDescriptor.Error("BIM1004", ExitCode.Malformed, "A file is of no kind that the toolchain reads.");

    /// <summary>Two files give the same tensor.</summary>
    public static readonly DiagnosticDescriptor DuplicateTensor =
        DiagnosticDescriptor.Error("BIM1005", ExitCode.Malformed, "Two files of one checkpoint hold a tensor of the same name.");

    /// <summary>Several kinds of weights lie in one folder.</summary>
    public static readonly DiagnosticDescriptor SeveralKinds =
        DiagnosticDescriptor.Note("BIM1006", "A folder holds weights in several formats; one of them is used.");

    /// <summary>Another process changed a file.</summary>
    public static readonly DiagnosticDescriptor Changed =
        DiagnosticDescriptor.Error("BIM1007", ExitCode.InputMissing, "An input file changed while it was read.");
}
