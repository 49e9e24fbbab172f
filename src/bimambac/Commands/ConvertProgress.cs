using BiMamba.CommandLine.Console;
using BiMamba.Pipeline;
using BiMamba.Toolchain;

namespace BiMamba.CommandLine.Commands;

/// <summary>
/// One line for what a conversion does at once: while the inputs are hashed, how far that is and what goes on beside it;
/// then the other work alone. Reported to from any thread.
/// </summary>
internal sealed class ConvertProgress(Terminal terminal)
{
    private readonly ProgressLine input = new(terminal, "hash inputs", inBytes: true);
    private readonly PassProgressLine passes = new(terminal);
    private readonly ProgressLine write = new(terminal, "write", inBytes: true);
    private readonly ProgressLine verify = new(terminal, "verify", inBytes: true);
    private volatile string beside = "";
    private volatile bool isHashing;

    /// <summary>Bytes of the inputs that are hashed.</summary>
    public IProgress<(long Done, long Total)> Input => new DirectProgress<(long Done, long Total)>(bytes =>
    {
        isHashing = bytes.Done < bytes.Total;
        input.Report(bytes.Done, bytes.Total, beside);
    });

    /// <summary>Passes.</summary>
    public IProgress<PassProgress> Passes => new DirectProgress<PassProgress>(progress =>
    {
        beside = $"{progress.Stage} {progress.Item}";
        if (!isHashing)
            passes.Report(progress);
    });

    /// <summary>Bytes of tensors that are written.</summary>
    public IProgress<long> Write(long total) => Work("write", write, total);

    /// <summary>Bytes of tensors that are read back.</summary>
    public IProgress<long> Verify(long total) => Work("verify", verify, total);

    private DirectProgress<long> Work(string what, ProgressLine line, long total)
    {
        line.Restart();
        beside = what;
        return new DirectProgress<long>(done =>
        {
            if (!isHashing)
                line.Report(done, total);
        });
    }
}
