using System.Runtime.ExceptionServices;

namespace BiMamba.Testing;

/// <summary>Runs what must end: a hang fails its test instead of stopping the run.</summary>
public static class Bounded
{
    private const int StackBytes = 1 << 20;

    /// <summary>Runs a function on a thread of 1 MiB of stack, as the smallest default of .NET is.</summary>
    /// <param name="seconds">How long it may take: an order of magnitude more than it does.</param>
    /// <param name="what">What the failure names.</param>
    /// <param name="function">The work.</param>
    public static T Run<T>(int seconds, string what, Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? error = null;
        var thread = new Thread(() => error = Catch(() => result = function()), StackBytes) { IsBackground = true };
        thread.Start();
        if (!thread.Join(TimeSpan.FromSeconds(seconds)))
            Assert.Fail($"{what}: did not end in {seconds} s");
        error?.Throw();
        return result;
    }

    private static ExceptionDispatchInfo? Catch(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e)
        {
            // It is thrown again on the thread of the test.
            return ExceptionDispatchInfo.Capture(e);
        }
    }
}
