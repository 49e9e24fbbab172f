using BiMamba.Diagnostics;

namespace BiMamba.Pipeline;

/// <summary>How far a pass is.</summary>
/// <param name="Stage">Name of the pass.</param>
/// <param name="Item">What is being worked on, for example a resource.</param>
/// <param name="Done">Bytes of weights that were read.</param>
/// <param name="Total">Bytes of weights that the pass reads.</param>
public readonly record struct PassProgress(string Stage, string Item, long Done, long Total);

/// <summary>Everything ambient that a pass may use.</summary>
/// <param name="Diagnostics">Receives errors, warnings and notes.</param>
/// <param name="Threads">Threads that the pass may use; results never depend on it.</param>
/// <param name="Cancellation">Stops the work.</param>
/// <param name="Progress">Receives progress from any thread, or null.</param>
public sealed record PassContext(
    DiagnosticBag Diagnostics,
    int Threads,
    CancellationToken Cancellation,
    IProgress<PassProgress>? Progress = null)
{
    /// <summary>Options for parallel loops.</summary>
    public ParallelOptions Parallel => new() { MaxDegreeOfParallelism = Threads, CancellationToken = Cancellation };
}
