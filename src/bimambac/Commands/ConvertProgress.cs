using BiMamba.CommandLine.Console;
using BiMamba.Pipeline;
using BiMamba.Toolchain;

namespace BiMamba.CommandLine.Commands;

/// <summary>
/// One line for what a conversion does at once: while the inputs are hashed, how far that is and what goes on beside it;
/// then the other work alone. Reported to from any thread.
/// </summary>
internal sealed class ConvertProgress(Terminal terminal) : IProgress<ConversionProgress>
{
    private readonly ProgressLine input = new(terminal, "hash inputs", inBytes: true);
    private readonly PassProgressLine passes = new(terminal);
    private readonly ProgressLine write = new(terminal, "write", inBytes: true);
    private readonly ProgressLine verify = new(terminal, "verify", inBytes: true);
    private readonly ProgressLine validate = new(terminal, "validate");
    private volatile string beside = "";
    private volatile bool isHashing;

    /// <inheritdoc/>
    public void Report(ConversionProgress value)
    {
        switch (value.Step)
        {
            case ConversionStep.HashInputs:
                isHashing = value.Done < value.Total;
                input.Report(value.Done, value.Total, beside);
                break;
            case ConversionStep.Passes:
                beside = $"{value.Stage} {value.Item}";
                if (!isHashing)
                    passes.Report(new PassProgress(value.Stage, value.Item, value.Done, value.Total));
                break;
            case ConversionStep.Write:
                Work("write", write, value);
                break;
            case ConversionStep.Verify:
                Work("verify", verify, value);
                break;
            case ConversionStep.Validate:
                Work("validate", validate, value);
                break;
            default:
                throw new InvalidOperationException($"unknown step {value.Step}");
        }
    }

    private void Work(string what, ProgressLine line, ConversionProgress value)
    {
        if (value.Done == 0)
        {
            line.Restart();
            beside = what;
        }
        else if (!isHashing)
        {
            line.Report(value.Done, value.Total, value.Item);
        }
    }
}
