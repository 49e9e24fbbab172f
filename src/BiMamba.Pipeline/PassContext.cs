using BiMamba.Diagnostics;

namespace BiMamba.Pipeline;

/// <summary>How far a pass is.</summary>
/// <param name="Stage">Name of the pass.</param>
/// <param name="Item">What is being worked on, for example a resource.</param>
/// <param name="Done">Bytes of weights that were read.</param>
/// <param name="Total">Bytes of weights that the pass reads.</param>
public readonly record struct PassProgress(string Stage, string Item, long Done, long Total);

/// <summary>A number that a pass measured on one resource, for reports.</summary>
/// <param name="Stage">Name of the pass.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Measure">What was measured, with its unit.</param>
/// <param name="Value">The number.</param>
public sealed record PassMeasurement(string Stage, string Resource, string Measure, double Value);

/// <summary>Everything ambient that a pass may use. A context serves one run of one pipeline.</summary>
/// <param name="diagnostics">Receives errors, warnings and notes.</param>
/// <param name="threads">Threads that a pass may use; results never depend on it.</param>
/// <param name="cancellation">Stops the work.</param>
/// <param name="progress">Receives progress from any thread, or null.</param>
public sealed class PassContext(DiagnosticBag diagnostics, int threads, CancellationToken cancellation, IProgress<PassProgress>? progress = null)
{
    private readonly List<PassMeasurement> measurements = [];

    /// <summary>Receives errors, warnings and notes. Not for parallel parts of a pass.</summary>
    public DiagnosticBag Diagnostics { get; } = diagnostics;

    /// <summary>Stops the work.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Receives progress from any thread, or null.</summary>
    public IProgress<PassProgress>? Progress { get; } = progress;

    /// <summary>Data for the passes that need some, or null.</summary>
    public ICalibration? Calibration { get; init; }

    /// <summary>Keeps finished blocks for a run that goes on where this one ends, or null.</summary>
    public IPassJournal? Journal { get; init; }

    /// <summary>Index of the stage that runs.</summary>
    public int Stage { get; internal set; }

    /// <summary>Options for parallel loops.</summary>
    public ParallelOptions Parallel => new() { MaxDegreeOfParallelism = threads, CancellationToken = Cancellation };

    /// <summary>What the passes measured, in order.</summary>
    public IReadOnlyList<PassMeasurement> Measurements => measurements;

    /// <summary>Adds a measurement. Not for parallel parts of a pass.</summary>
    public void Report(string stage, string resource, string measure, double value) =>
        measurements.Add(new PassMeasurement(stage, resource, measure, value));
}
