namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM71xx: comparison runs.</summary>
public static class ComparisonDiagnostics
{
    /// <summary>A run file is malformed.</summary>
    public static readonly DiagnosticDescriptor RunFile =
        DiagnosticDescriptor.Error("BIM7101", ExitCode.Malformed, "A run file cannot be read as such.");

    /// <summary>A comparison has cells without a result.</summary>
    public static readonly DiagnosticDescriptor MissingCells =
        DiagnosticDescriptor.Error("BIM7102", ExitCode.NotEnough, "A comparison is to be merged, and cells have no result yet.");

    /// <summary>A file of a cell is damaged.</summary>
    public static readonly DiagnosticDescriptor BadCell =
        DiagnosticDescriptor.Warning("BIM7103", "A result of a cell cannot be read, and is measured again.");

    /// <summary>A number of a cell is out of range.</summary>
    public static readonly DiagnosticDescriptor NoSuchCell =
        DiagnosticDescriptor.Error("BIM7104", ExitCode.Usage, "A comparison has no cell of this number.");

    /// <summary>A row cannot be made.</summary>
    public static readonly DiagnosticDescriptor RowFailed =
        DiagnosticDescriptor.Error("BIM7105", ExitCode.Malformed, "The model of a row cannot be converted or measured.");
}
