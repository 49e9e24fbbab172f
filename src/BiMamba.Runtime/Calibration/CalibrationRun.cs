using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Pipeline;

namespace BiMamba.Runtime.Calibration;

/// <summary>
/// All samples on their way through a module: between blocks the residual stream of every token is held in fp32,
/// samples * tokens * d_model * 4 bytes; inside a block nothing is kept, so a block is run once for each value that is asked for.
/// </summary>
internal sealed class CalibrationRun(IReadOnlyList<int[]> samples, RuntimeOptions options, CancellationToken cancellation) : ICalibrationRun
{
    private readonly float[][] hidden = new float[samples.Count][];
    private int block;

    /// <inheritdoc/>
    public InputMoments Capture(Module module, string value)
    {
        var runner = new BlockRunner(module, module.Blocks[block], value, options);
        var moments = new MomentSum(runner.Width, options);
        for (var sample = 0; sample < samples.Count; sample++)
        {
            var current = sample;
            runner.Run(samples[sample], Input(sample), (first, values) => moments.Add(current, first, values), cancellation);
        }

        return moments.Finish(samples.Count);
    }

    /// <inheritdoc/>
    public void Advance(Module module, string? value = null)
    {
        var runner = new BlockRunner(module, module.Blocks[block], value ?? module.Blocks[block].Return, options);
        for (var sample = 0; sample < samples.Count; sample++)
        {
            // A token's input is not needed once its result is there.
            var tokens = samples[sample].Length;
            var output = hidden[sample]?.Length == tokens * runner.Width ? hidden[sample] : new float[tokens * runner.Width];
            runner.Run(samples[sample], Input(sample), (first, values) =>
            {
                for (var t = 0; t < values.Count; t++)
                    values[t].CopyTo(output.AsSpan((first + t) * runner.Width));
            }, cancellation);
            hidden[sample] = output;
        }

        block++;
    }

    private Rows Input(int sample) => hidden[sample] is { } values ? new Rows(values, samples[sample].Length, values.Length / samples[sample].Length) : default;
}
