using Microsoft.Extensions.Logging;

namespace BiMamba.CommandLine.Console;

/// <summary>Loggers that write to stderr: warnings always, information unless --quiet, details with --verbose.</summary>
internal sealed class TerminalLoggerProvider(Terminal terminal) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new TerminalLogger(terminal);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The terminal belongs to the program.
    }

    private sealed class TerminalLogger(Terminal terminal) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= LogLevel.Warning || (logLevel == LogLevel.Information && !terminal.IsQuiet) || (logLevel == LogLevel.Debug && terminal.IsVerbose);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                terminal.WriteLine(formatter(state, exception));
        }
    }
}
