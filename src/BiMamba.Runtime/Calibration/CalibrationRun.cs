using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Pipeline;

namespace BiMamba.Runtime.Calibration;

/// <summary>
/// All samples on their way through a module. Between blocks the residual stream of every token is held in fp32,
/// samples * tokens * d_model * 4 bytes. The value that was looked at last in a block is kept too where it is not too large, so
/// that the way to it is not gone twice.
/// </summary>
internal sealed class CalibrationRun(IReadOnlyList<int[]> samples, RuntimeOptions options, CancellationToken cancellation) : ICalibrationRun
{
    private readonly float[][] hidden = new float[samples.Count][];
    private readonly SampleBuffers buffers = new();
    private float[] both = [];
    private Kept? kept;
    private int block;

    /// <inheritdoc/>
    public CalibrationState State => new(block, hidden);

    /// <inheritdoc/>
    public InputMoments Capture(Module module, string value)
    {
        var runner = new BlockRunner(module, module.Blocks[block], value, options);
        var moments = new MomentSum(runner.Width, options);
        kept = samples.Sum(ids => (long)ids.Length) * runner.Width * sizeof(float) <= SampleBuffers.MostBytes ? new Kept(value, module.Blocks[block], samples.Count, buffers) : null;
        for (var sample = 0; sample < samples.Count; sample++)
        {
            var current = sample;
            var copy = kept?.Take(sample, samples[sample].Length * runner.Width);
            runner.Run(samples[sample], Input(sample), (first, values) => moments.Add(current, first, values, copy), cancellation);
        }

        return moments.Finish(samples.Count);
    }

    /// <inheritdoc/>
    public void Advance(Module module, string? value = null)
    {
        var current = module.Blocks[block];
        var wanted = value ?? current.Return;
        var known = kept is { } last && last.IsValid(current) ? last : null;
        var tail = known is null ? null : BlockTail.Of(current, known.Value, wanted);
        var runner = new BlockRunner(module, tail ?? current, wanted, options);
        for (var sample = 0; sample < samples.Count; sample++)
        {
            var input = tail is null ? Input(sample) : Both(sample, known!);
            // A token's input is not needed once its result is there.
            var length = samples[sample].Length * runner.Width;
            var output = hidden[sample]?.Length == length ? hidden[sample] : new float[length];
            runner.Run(samples[sample], input, (first, values) => Copy(values, output, first), cancellation);
            hidden[sample] = output;
        }

        kept = null;
        block++;
    }

    /// <inheritdoc/>
    public bool Jump(Module module, CalibrationState state)
    {
        if (state.Block <= 0 || state.Block >= module.Blocks.Length || state.Samples.Count != samples.Count)
            return false;
        var width = module.Blocks[state.Block].Parameter.Type.Width;
        if (state.Samples.Index().Any(pair => pair.Item.Length != samples[pair.Index].Length * width))
            return false;
        for (var sample = 0; sample < hidden.Length; sample++)
            hidden[sample] = state.Samples[sample];
        kept = null;
        block = state.Block;
        return true;
    }

    private Rows Input(int sample) => hidden[sample] is { } values ? new Rows(values, samples[sample].Length, values.Length / samples[sample].Length) : default;

    private Rows Both(int sample, Kept known)
    {
        var (tokens, input, value) = (samples[sample].Length, hidden[sample], known.Values[sample]);
        var (first, second) = (input.Length / tokens, value.Length / tokens);
        if (both.Length != input.Length + value.Length)
            both = new float[input.Length + value.Length];
        for (var t = 0; t < tokens; t++)
        {
            input.AsSpan(t * first, first).CopyTo(both.AsSpan(t * (first + second)));
            value.AsSpan(t * second, second).CopyTo(both.AsSpan((t * (first + second)) + first));
        }

        return new Rows(both, tokens, first + second);
    }

    private static void Copy(Rows values, float[] target, int firstToken)
    {
        for (var t = 0; t < values.Count; t++)
            values[t].CopyTo(target.AsSpan((firstToken + t) * values.Width));
    }

    /// <summary>A value of all samples, and the ops that made it.</summary>
    private sealed class Kept(string value, Block block, int samples, SampleBuffers buffers)
    {
        public string Value => value;

        public float[][] Values { get; } = new float[samples][];

        public float[] Take(int sample, int length) => Values[sample] = buffers.Take(sample, length);

        /// <summary>True where the ops up to the value are what they were.</summary>
        public bool IsValid(Block now)
        {
            for (var i = 0; i < block.Body.Length && i < now.Body.Length; i++)
            {
                if (!ReferenceEquals(block.Body[i], now.Body[i]))
                    return false;
                if (block.Body[i].Results.Any(result => result.Name == value))
                    return true;
            }

            return false;
        }
    }
}
