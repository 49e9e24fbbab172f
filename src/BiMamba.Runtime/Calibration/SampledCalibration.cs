using BiMamba.Pipeline;

namespace BiMamba.Runtime.Calibration;

/// <summary>Calibration over sequences of token ids.</summary>
/// <param name="samples">The sequences.</param>
/// <param name="threads">Threads; results do not depend on it.</param>
public sealed class SampledCalibration(IReadOnlyList<int[]> samples, int threads) : ICalibration
{
    // Weights that are widened as they are multiplied, and second moments, pay for longer chunks than text does.
    private const int ChunkTokens = 512;

    /// <inheritdoc/>
    public int Samples => samples.Count;

    /// <inheritdoc/>
    public ICalibrationRun Start(CancellationToken cancellation) =>
        new CalibrationRun(samples, new RuntimeOptions(threads, ChunkTokens, Engine.Reference), cancellation);
}
