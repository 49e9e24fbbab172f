using BiMamba.Diagnostics;
using BiMamba.Tensors;
using Microsoft.Extensions.Logging;

namespace BiMamba.Toolchain;

/// <summary>Runs work that reports to a bag, for callers who want values and for those who want exceptions.</summary>
internal static class Operation
{
    /// <summary>The result, or null where the work found errors. All that it found is added to the caller's bag and logged.</summary>
    /// <param name="logger">Receives notes and warnings, or null.</param>
    /// <param name="diagnostics">The caller's bag, which may hold errors of other work.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public static T? Try<T>(ILogger? logger, DiagnosticBag diagnostics, Func<DiagnosticBag, T?> work)
        where T : class
    {
        var found = new DiagnosticBag();
        try
        {
            var result = work(found);
            return found.HasErrors ? null : result;
        }
        catch (AggregateException e) when (e.Flatten().InnerExceptions is var inner && inner.All(exception => exception is OperationCanceledException))
        {
            // Parallel loops wrap what their threads throw.
            throw new OperationCanceledException(e.Message, e, ((OperationCanceledException)inner[0]).CancellationToken);
        }
        catch (Exception e) when (InputChangedException.Find(e) is { } changed)
        {
            found.Add(changed.Diagnostic);
            return null;
        }
        finally
        {
            Tell(logger, found);
            diagnostics.AddRange(found);
        }
    }

    /// <summary>The result of work that reports to a bag.</summary>
    /// <exception cref="ModelException">The work found errors.</exception>
    public static T Require<T>(Func<DiagnosticBag, T?> work)
        where T : class
    {
        var diagnostics = new DiagnosticBag();
        return work(diagnostics) ?? throw new ModelException(diagnostics);
    }

    /// <summary>Logs notes and warnings, with the number of their id.</summary>
    public static void Tell(ILogger? logger, DiagnosticBag found)
    {
        if (logger is null)
            return;
        foreach (var diagnostic in found.Items.Where(diagnostic => diagnostic.Severity != Severity.Error))
        {
            var level = diagnostic.Severity == Severity.Warning ? LogLevel.Warning : LogLevel.Information;
            logger.Log(level, EventOf(diagnostic), "{Diagnostic}", diagnostic);
        }
    }

    /// <summary>The event of an id: <c>BIM1103</c> has the number 1103.</summary>
    private static EventId EventOf(Diagnostic diagnostic) =>
        new(int.Parse(diagnostic.Id.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture), diagnostic.Id);
}
