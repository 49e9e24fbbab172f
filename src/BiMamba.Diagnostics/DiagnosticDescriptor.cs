namespace BiMamba.Diagnostics;

/// <summary>One row of the diagnostic tables: one cause, one id.</summary>
/// <param name="Id">Stable id, <c>BIMnnnn</c>.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="ExitCode">The exit code of a command that stops on it; <see cref="ExitCode.Ok"/> for notes and warnings.</param>
/// <param name="Summary">One sentence: what is wrong, without the values of a particular case.</param>
public sealed record DiagnosticDescriptor(string Id, Severity Severity, ExitCode ExitCode, string Summary)
{
    /// <summary>A row of severity error.</summary>
    public static DiagnosticDescriptor Error(string id, ExitCode exitCode, string summary) =>
        new(id, Severity.Error, exitCode, summary);

    /// <summary>A row of severity warning.</summary>
    public static DiagnosticDescriptor Warning(string id, string summary) =>
        new(id, Severity.Warning, ExitCode.Ok, summary);

    /// <summary>A row of severity note.</summary>
    public static DiagnosticDescriptor Note(string id, string summary) =>
        new(id, Severity.Note, ExitCode.Ok, summary);
}
