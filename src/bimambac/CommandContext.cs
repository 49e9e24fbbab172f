using System.CommandLine;
using BiMamba.CommandLine.Console;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine;

/// <summary>What one run of a command has at hand.</summary>
internal sealed record CommandContext(ParseResult Result, CommonOptions Common, Terminal Terminal, DiagnosticBag Diagnostics, OutputPlaces Outputs, CancellationToken Cancellation)
{
    /// <summary>A value of the command line.</summary>
    public T Get<T>(Option<T> option) => Result.GetValue(option)!;

    /// <summary>An argument of the command line.</summary>
    public T Get<T>(Argument<T> argument) => Result.GetRequiredValue(argument);

    /// <summary>True where the result is wanted as JSON.</summary>
    public bool IsJson => Result.GetValue(Common.Json);
}
