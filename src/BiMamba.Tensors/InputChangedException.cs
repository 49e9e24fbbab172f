using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Tensors;

/// <summary>
/// A file is not what it was when it was opened. Found deep in the reading of weights, on any thread, where no bag is at
/// hand: whoever runs an operation turns it into its diagnostic.
/// </summary>
public sealed class InputChangedException : Exception
{
    /// <summary>A changed file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="found">What was expected of it, and what was found.</param>
    public InputChangedException(string path, string found)
        : this(new Diagnostic(InputDiagnostics.Changed, found, Place.OfFile(path), "leave the file alone while it is read, and run the command again"))
    {
    }

    private InputChangedException(Diagnostic diagnostic)
        : base(diagnostic.ToString()) => Diagnostic = diagnostic;

    /// <summary>An error of <see cref="InputDiagnostics.Changed"/>.</summary>
    public Diagnostic Diagnostic { get; }

    /// <summary>The exception itself or the first among those of a parallel loop; null for any other.</summary>
    public static InputChangedException? Find(Exception e) =>
        e as InputChangedException ?? (e as AggregateException)?.Flatten().InnerExceptions.OfType<InputChangedException>().FirstOrDefault();
}
