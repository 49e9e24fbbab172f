namespace BiMamba.Diagnostics;

/// <summary>
/// Collects diagnostics in the order in which they were found. Not safe for concurrent use: parallel work collects
/// into a bag of its own and merges in a fixed order.
/// </summary>
public sealed class DiagnosticBag
{
    /// <summary>Errors beyond this count are dropped and counted.</summary>
    public const int MaxErrors = 200;

    private readonly List<Diagnostic> items = [];
    private int errors;

    /// <summary>All collected diagnostics, first found first.</summary>
    public IReadOnlyList<Diagnostic> Items => items;

    /// <summary>True once an error was added.</summary>
    public bool HasErrors => errors > 0;

    /// <summary>Number of errors that were dropped because there were too many.</summary>
    public int Dropped => Math.Max(0, errors - MaxErrors);

    /// <summary>The exit code of the first error, or <see cref="ExitCode.Ok"/>.</summary>
    public ExitCode ExitCode =>
        items.FirstOrDefault(d => d.Severity == Severity.Error)?.Descriptor.ExitCode ?? ExitCode.Ok;

    /// <summary>Adds one diagnostic.</summary>
    public void Add(Diagnostic diagnostic)
    {
        if (diagnostic.Severity == Severity.Error && ++errors > MaxErrors)
            return;
        items.Add(diagnostic);
    }

    /// <summary>Adds one diagnostic from its parts.</summary>
    public void Add(DiagnosticDescriptor descriptor, string message, Place place, string? hint = null) =>
        Add(new Diagnostic(descriptor, message, place, hint));

    /// <summary>Appends everything of another bag.</summary>
    public void AddRange(DiagnosticBag other)
    {
        foreach (var item in other.items)
            Add(item);
        errors += other.Dropped;
    }
}
