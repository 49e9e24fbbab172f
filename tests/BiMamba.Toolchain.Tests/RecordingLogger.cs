using Microsoft.Extensions.Logging;

namespace BiMamba.Toolchain.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly List<(LogLevel Level, EventId Event, string Text)> lines = [];

    /// <summary>What was logged, in order.</summary>
    public IReadOnlyList<(LogLevel Level, EventId Event, string Text)> Lines
    {
        get
        {
            lock (lines)
                return [.. lines];
        }
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (lines)
            lines.Add((logLevel, eventId, formatter(state, exception)));
    }
}
