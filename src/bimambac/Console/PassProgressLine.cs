using BiMamba.Pipeline;

namespace BiMamba.CommandLine.Console;

/// <summary>Progress of passes, one line a stage.</summary>
internal sealed class PassProgressLine(Terminal terminal)
{
    private readonly Dictionary<string, ProgressLine> lines = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <summary>Shows how far a pass is; called from any thread.</summary>
    public void Report(PassProgress progress)
    {
        ProgressLine? line;
        lock (gate)
        {
            if (!lines.TryGetValue(progress.Stage, out line))
                lines.Add(progress.Stage, line = new ProgressLine(terminal, progress.Stage, inBytes: true));
        }

        line.Report(progress.Done, progress.Total, progress.Item);
    }
}
