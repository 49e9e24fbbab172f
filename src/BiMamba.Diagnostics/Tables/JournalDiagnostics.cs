namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM62xx: what is kept of a run, so that another one goes on where it was ended.</summary>
public static class JournalDiagnostics
{
    /// <summary>The journal was written by another run.</summary>
    public static readonly DiagnosticDescriptor OtherRun =
        DiagnosticDescriptor.Error("BIM6201", ExitCode.Usage, "A run was to go on with the journal of another one.");

    /// <summary>A file of a journal is not used.</summary>
    public static readonly DiagnosticDescriptor Damaged =
        DiagnosticDescriptor.Warning("BIM6202", "A file of a journal is damaged or does not fit; its work is done again.");

    /// <summary>There is no journal of the run.</summary>
    public static readonly DiagnosticDescriptor NotKept =
        DiagnosticDescriptor.Warning("BIM6203", "A journal cannot be written; the run cannot be gone on with.");

    /// <summary>Two runs want one journal.</summary>
    public static readonly DiagnosticDescriptor InUse =
        DiagnosticDescriptor.Error("BIM6204", ExitCode.OutputRefused, "A journal belongs to a run that goes on, or cannot be opened.");
}
