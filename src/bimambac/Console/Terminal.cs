using System.Globalization;
using System.Text;
using BiMamba.Diagnostics;
using Microsoft.Extensions.Logging;

namespace BiMamba.CommandLine.Console;

/// <summary>stdout for data, stderr for everything else; colour only on a terminal that wants it.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly Lock gate = new();
    private readonly Lazy<ILoggerFactory> loggers;
    private readonly bool redraws;
    private readonly bool colours;
    private int statusLength;

    /// <summary>A terminal over two writers.</summary>
    /// <param name="output">stdout.</param>
    /// <param name="error">stderr.</param>
    /// <param name="isInteractive">True where stderr is a terminal that can redraw a line.</param>
    /// <param name="allowsColour">True where neither NO_COLOR nor a dumb terminal forbids colour.</param>
    public Terminal(TextWriter output, TextWriter error, bool isInteractive, bool allowsColour)
    {
        Output = output;
        Error = error;
        redraws = isInteractive;
        colours = isInteractive && allowsColour;
        loggers = new Lazy<ILoggerFactory>(() => LoggerFactory.Create(builder =>
            builder.SetMinimumLevel(LogLevel.Debug).AddProvider(new TerminalLoggerProvider(this))));
    }

    /// <summary>stdout.</summary>
    public TextWriter Output { get; }

    /// <summary>stderr.</summary>
    public TextWriter Error { get; }

    /// <summary>Only messages of this severity and above are shown.</summary>
    public Severity Shown { get; set; } = Severity.Note;

    /// <summary>True where details are wanted.</summary>
    public bool IsVerbose { get; set; }

    /// <summary>True where progress is not wanted.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>Details for --verbose, on stderr.</summary>
    public ILogger Logger => loggers.Value.CreateLogger("bimambac");

    /// <summary>The process's own terminal.</summary>
    public static Terminal Open()
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new StreamWriter(System.Console.OpenStandardOutput(), encoding) { AutoFlush = true, NewLine = "\n" };
        var error = new StreamWriter(System.Console.OpenStandardError(), encoding) { AutoFlush = true, NewLine = "\n" };
        var isDumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        var noColour = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new Terminal(output, error, !System.Console.IsErrorRedirected && !isDumb, !noColour);
    }

    /// <summary>Prints one diagnostic if its severity is shown.</summary>
    public void Print(Diagnostic diagnostic)
    {
        if (diagnostic.Severity < Shown)
            return;
        var text = diagnostic.ToString();
        WriteLine(colours ? Colour(diagnostic.Severity, text) : text);
    }

    /// <summary>Prints diagnostics in order.</summary>
    public void Print(DiagnosticBag diagnostics)
    {
        foreach (var diagnostic in diagnostics.Items)
            Print(diagnostic);
        if (diagnostics.Dropped > 0)
            WriteLine(string.Create(CultureInfo.InvariantCulture, $"and {diagnostics.Dropped} more errors"));
    }

    /// <summary>A line on stderr.</summary>
    public void WriteLine(string text)
    {
        WriteError(() =>
        {
            ClearStatus();
            Error.WriteLine(text);
        });
    }

    /// <summary>Shows progress: redraws one line on a terminal, else writes a line.</summary>
    public void ShowStatus(string text)
    {
        if (IsQuiet)
            return;
        WriteError(() =>
        {
            if (!redraws)
            {
                Error.WriteLine(text);
                return;
            }

            ClearStatus();
            Error.Write(text);
            statusLength = text.Length;
        });
    }

    /// <summary>True where a status line is redrawn in place.</summary>
    public bool Redraws => redraws;

    /// <inheritdoc/>
    public void Dispose()
    {
        WriteError(ClearStatus);
        if (loggers.IsValueCreated)
            loggers.Value.Dispose();
    }

    private static string Colour(Severity severity, string text)
    {
        var code = severity switch
        {
            Severity.Error => "31",
            Severity.Warning => "33",
            _ => "36",
        };
        var end = text.IndexOf(':', StringComparison.Ordinal);
        return $"\e[{code}m{text[..end]}\e[0m{text[end..]}";
    }

    private void WriteError(Action write)
    {
        lock (gate)
        {
            try
            {
                write();
            }
            catch (IOException)
            {
                // stderr is on a full disk: there is no other place to say so, and the exit code still counts.
            }
        }
    }

    private void ClearStatus()
    {
        if (statusLength == 0)
            return;
        Error.Write("\r" + new string(' ', statusLength) + "\r");
        statusLength = 0;
    }
}
