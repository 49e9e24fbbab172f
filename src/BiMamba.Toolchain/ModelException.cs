using BiMamba.Diagnostics;

namespace BiMamba.Toolchain;

/// <summary>
/// What was asked for cannot be done: an input is missing or malformed, options contradict each other, a file exists. The
/// message is all diagnostics, one a line, as the command line prints them.
/// </summary>
public sealed class ModelException : Exception
{
    /// <summary>An exception of diagnostics, of which at least one is an error.</summary>
    /// <param name="diagnostics">All that was found.</param>
    public ModelException(DiagnosticBag diagnostics)
        : base(string.Join('\n', diagnostics.Items))
    {
        Diagnostics = [.. diagnostics.Items];
        ExitCode = diagnostics.ExitCode;
    }

    /// <summary>Errors, warnings and notes in the order in which they were found.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>What the command line would exit with, from 2 to 9: the kind of the first error.</summary>
    public ExitCode ExitCode { get; }
}
