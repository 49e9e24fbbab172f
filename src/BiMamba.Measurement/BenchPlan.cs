namespace BiMamba.Measurement;

/// <summary>What is measured of a model.</summary>
/// <param name="Threads">Threads of the probes; those of the runner are its own.</param>
public sealed record BenchPlan(int Threads)
{
    /// <summary>Tokens that go through the model at once.</summary>
    public int Prompt { get; init; } = 512;

    /// <summary>Tokens that are decoded one by one.</summary>
    public int Generate { get; init; } = 64;

    /// <summary>How often everything is measured, in turn.</summary>
    public int Repetitions { get; init; } = 5;

    /// <summary>Bytes of a buffer of the bandwidth probe.</summary>
    public int ProbeBytes { get; init; } = ReadBandwidth.DefaultBytes;

    /// <summary>Contexts, ascending, at which the time of a token and the memory are measured.</summary>
    public IReadOnlyList<int> Contexts { get; init; } = [];

    /// <summary>Numbers of sequences that are decoded side by side.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [];
}

/// <summary>One repetition: the model and the machine in the same moments.</summary>
/// <param name="DecodeSeconds">Seconds of one decoded token.</param>
/// <param name="PrefillSeconds">Seconds of the whole prompt.</param>
/// <param name="Bandwidth">Bytes a second: the best read of the probes before and behind the decoding.</param>
/// <param name="Peak">Floating-point operations a second: the best of the probes around the prefill.</param>
/// <param name="LinearRate">Floating-point operations a second of the products with sign planes alone, or null without them.</param>
/// <param name="TokenJoules">Joules of one decoded token, or null where no counter can be read.</param>
public sealed record BenchRepetition(
    double DecodeSeconds, double PrefillSeconds, double Bandwidth, double Peak, double? LinearRate, double? TokenJoules);

/// <summary>The cost of a token behind a context.</summary>
/// <param name="Tokens">Tokens before it.</param>
/// <param name="TokenSeconds">Seconds of one decoded token.</param>
/// <param name="Memory">Memory then, or null where it cannot be read.</param>
public sealed record ContextPoint(int Tokens, double TokenSeconds, ProcessMemory? Memory);

/// <summary>Decoding of several sequences side by side.</summary>
/// <param name="Sequences">How many.</param>
/// <param name="StepSeconds">Seconds of one token of all.</param>
/// <param name="Memory">Memory then, or null where it cannot be read.</param>
public sealed record BatchPoint(int Sequences, double StepSeconds, ProcessMemory? Memory);

/// <summary>What was measured of a model. Shares are medians of ratios of the same moments.</summary>
/// <param name="Plan">What was asked for.</param>
/// <param name="Bytes">The bytes of a token.</param>
/// <param name="LinearWeights">Weights of the linears, without the head.</param>
/// <param name="Repetitions">The repetitions.</param>
/// <param name="Reads">The best of each way to read memory.</param>
/// <param name="Memory">Memory after decoding, before the probes took theirs.</param>
/// <param name="Contexts">The cost of a token behind each context.</param>
/// <param name="Batches">The cost of a token of several sequences.</param>
public sealed record BenchResult(
    BenchPlan Plan, ByteCeiling Bytes, long LinearWeights, IReadOnlyList<BenchRepetition> Repetitions, IReadOnlyList<ReadRate> Reads,
    ProcessMemory? Memory, IReadOnlyList<ContextPoint> Contexts, IReadOnlyList<BatchPoint> Batches)
{
    /// <summary>Decoded tokens a second.</summary>
    public double DecodeRate => 1 / Median(row => row.DecodeSeconds);

    /// <summary>Bytes a second that decoding moves.</summary>
    public double DecodeBandwidth => Bytes.Total * DecodeRate;

    /// <summary>The share of the byte ceiling that decoding reaches.</summary>
    public double DecodeShare => Median(row => Bytes.Total / row.DecodeSeconds / row.Bandwidth);

    /// <summary>Tokens of the prompt a second.</summary>
    public double PrefillRate => Plan.Prompt / Median(row => row.PrefillSeconds);

    /// <summary>Floating-point operations a second: those of the linears over the time of the whole prefill.</summary>
    public double PrefillLinearRate => LinearOperations / Median(row => row.PrefillSeconds);

    /// <summary>The same over the fp32 peak; above 1 where the products need fewer operations than multiply-adds do.</summary>
    public double PrefillShare => Median(row => LinearOperations / row.PrefillSeconds / row.Peak);

    /// <summary>Floating-point operations a second of the products with sign planes alone, or null without them.</summary>
    public double? LinearRate => MedianOrNull(row => row.LinearRate);

    /// <summary>The same over the fp32 peak.</summary>
    public double? LinearShare => MedianOrNull(row => row.LinearRate / row.Peak);

    /// <summary>The best read bandwidth of the run, in bytes a second.</summary>
    public double Bandwidth => Repetitions.Max(row => row.Bandwidth);

    /// <summary>The fp32 peak: the best of the run, in operations a second.</summary>
    public double Peak => Repetitions.Max(row => row.Peak);

    /// <summary>Joules of a decoded token, or null.</summary>
    public double? TokenJoules => MedianOrNull(row => row.TokenJoules);

    private double LinearOperations => 2.0 * LinearWeights * Plan.Prompt;

    private double Median(Func<BenchRepetition, double> value) => Statistics.Median(Repetitions.Select(value));

    private double? MedianOrNull(Func<BenchRepetition, double?> value)
    {
        var values = Repetitions.Select(value).OfType<double>().ToList();
        return values.Count == 0 ? null : Statistics.Median(values);
    }
}
