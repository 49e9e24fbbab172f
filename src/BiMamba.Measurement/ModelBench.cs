using System.Diagnostics;
using System.Numerics.Tensors;
using BiMamba.Runtime;

namespace BiMamba.Measurement;

/// <summary>
/// Measures a model: decoding, prefill, memory and the growth of a token's cost with the context. Probes of the machine
/// stand between the repetitions, so that each ratio is of the same moments.
/// </summary>
public sealed class ModelBench
{
    private const int Steps = 16;
    private const int FirstTokens = 8;

    private readonly ModelRunner runner;
    private readonly BenchPlan plan;
    private readonly CancellationToken cancellation;
    private readonly ModelState state;
    private readonly int[] prompt;

    /// <summary>A measurement that has not begun.</summary>
    /// <param name="runner">The model.</param>
    /// <param name="plan">What to measure.</param>
    /// <param name="cancellation">Looked at between chunks and tokens.</param>
    public ModelBench(ModelRunner runner, BenchPlan plan, CancellationToken cancellation = default)
    {
        this.runner = runner;
        this.plan = plan;
        this.cancellation = cancellation;
        state = runner.NewState();
        Bytes = ByteCeiling.Of(runner.Module, state.ByteLength);
        // Any ids serve; these are spread over the rows of the embedding.
        prompt = [.. Enumerable.Range(0, plan.Prompt).Select(i => (int)((i * 7919L) % runner.VocabularyRows))];
    }

    /// <summary>The bytes of a token.</summary>
    public ByteCeiling Bytes { get; }

    /// <summary>Runs one token from the start and waits for its logits.</summary>
    public void FirstToken()
    {
        runner.RunToLast(state, [0], cancellation);
        state.Reset();
    }

    /// <summary>Measures.</summary>
    /// <param name="progress">Told the repetitions that are done; or null.</param>
    public BenchResult Run(IProgress<int>? progress)
    {
        Decode();
        var memory = ProcessMemory.Read();
        var contexts = MeasureContexts();
        var batches = plan.Batches.Select(MeasureBatch).ToList();
        Prefill();
        using var bandwidth = new ReadBandwidth(plan.Threads, plan.ProbeBytes);
        var products = LinearProducts.Of(runner.Module, plan.Threads, plan.Prompt);
        products?.Measure();
        cancellation.ThrowIfCancellationRequested();
        var energy = EnergyCounter.Open();
        var reads = new List<IReadOnlyList<ReadRate>>();
        var repetitions = new List<BenchRepetition>();
        for (var i = 0; i < plan.Repetitions; i++)
        {
            repetitions.Add(Repeat(bandwidth, products, energy, reads));
            progress?.Report(i + 1);
        }

        return new BenchResult(plan, Bytes, ByteCeiling.LinearWeights(runner.Module), repetitions, ReadBandwidth.Best(reads), memory, contexts, batches);
    }

    private BenchRepetition Repeat(ReadBandwidth bandwidth, LinearProducts? products, EnergyCounter? energy, List<IReadOnlyList<ReadRate>> reads)
    {
        reads.Add(bandwidth.Measure(cancellation));
        var before = energy?.Read();
        var decode = Decode();
        var joules = (energy?.Read() - before) / plan.Generate;
        reads.Add(bandwidth.Measure(cancellation));
        var peak = FmaPeak.Measure(plan.Threads);
        var prefill = Prefill();
        peak = Math.Max(peak, FmaPeak.Measure(plan.Threads));
        cancellation.ThrowIfCancellationRequested();
        var linear = products?.Measure();
        cancellation.ThrowIfCancellationRequested();
        peak = Math.Max(peak, FmaPeak.Measure(plan.Threads));
        return new BenchRepetition(decode, prefill, reads[^2].Concat(reads[^1]).Max(rate => rate.BytesPerSecond), peak, linear, joules);
    }

    /// <summary>Seconds of one token.</summary>
    private double Decode()
    {
        state.Reset();
        var next = Greedy(prompt.AsSpan(0, Math.Min(FirstTokens, prompt.Length)));
        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < plan.Generate; i++)
            next = Greedy([next]);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds / plan.Generate;
    }

    /// <summary>Seconds of the prompt, up to the logits of its last token.</summary>
    private double Prefill()
    {
        state.Reset();
        var begin = Stopwatch.GetTimestamp();
        runner.RunToLast(state, prompt, cancellation);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private List<ContextPoint> MeasureContexts()
    {
        state.Reset();
        var points = new List<ContextPoint>();
        var done = 0;
        foreach (var tokens in plan.Contexts)
        {
            for (; done < tokens; done += Math.Min(prompt.Length, tokens - done))
                runner.Run(state, prompt.AsSpan(0, Math.Min(prompt.Length, tokens - done)), null, cancellation: cancellation);
            var times = new double[Steps];
            for (int i = 0, next = prompt[0]; i < Steps; i++, done++)
            {
                var begin = Stopwatch.GetTimestamp();
                next = Greedy([next]);
                times[i] = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            }

            points.Add(new ContextPoint(tokens, Statistics.Median(times), ProcessMemory.Read()));
        }

        return points;
    }

    private BatchPoint MeasureBatch(int sequences)
    {
        var batch = Enumerable.Range(0, sequences).Select(i => new Sequence(runner.NewState(), prompt.AsMemory(i % prompt.Length, 1))).ToList();
        var times = new double[Steps];
        // The first step sizes buffers.
        for (var i = -1; i < Steps; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            runner.Run(batch, static (_, _, _) => { }, cancellation);
            if (i >= 0)
                times[i] = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        }

        return new BatchPoint(sequences, Statistics.Median(times), ProcessMemory.Read());
    }

    private int Greedy(ReadOnlySpan<int> ids)
    {
        cancellation.ThrowIfCancellationRequested();
        // NaN counts as the largest: a model of no use decodes as fast as another.
        return Math.Max(0, TensorPrimitives.IndexOfMax(runner.RunToLast(state, ids, cancellation)));
    }
}
