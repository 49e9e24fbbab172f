using System.Diagnostics;
using System.Globalization;

namespace BiMamba.CommandLine.Console;

/// <summary>One piece of long work on stderr: share done, rate and time left, at most a few times a second, or every ten seconds where lines cannot be redrawn.</summary>
/// <param name="terminal">Where it is shown.</param>
/// <param name="what">What is done.</param>
/// <param name="inBytes">True where units are bytes, whose rate is shown.</param>
internal sealed class ProgressLine(Terminal terminal, string what, bool inBytes = false)
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Lock gate = new();
    private double lastShown;

    /// <summary>Shows how much is done.</summary>
    /// <param name="done">Units done.</param>
    /// <param name="total">Units in all.</param>
    /// <param name="detail">What else to say.</param>
    public void Report(long done, long total, string detail = "")
    {
        var seconds = clock.Elapsed.TotalSeconds;
        lock (gate)
        {
            if (seconds - lastShown < (terminal.Redraws ? 0.2 : 10))
                return;
            lastShown = seconds;
        }

        var share = total > 0 ? (double)done / total : 1;
        var left = share > 0 ? seconds / share * (1 - share) : 0;
        var rate = inBytes ? string.Create(CultureInfo.InvariantCulture, $"{done / seconds / 1e6:0} MB/s, ") : "";
        terminal.ShowStatus(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {share * 100:0} %, {rate}{Duration(left)} left{(detail.Length > 0 ? ", " + detail : "")}"));
    }

    /// <summary>The work begins now, not when the line was made.</summary>
    public void Restart() => clock.Restart();

    /// <summary>A duration as people say it.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60):0} min {seconds % 60:0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 3600):0} h {seconds / 60 % 60:0} min"),
    };
}
