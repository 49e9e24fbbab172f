using System.Diagnostics;

namespace BiMamba.Measurement.Probing;

/// <summary>Times the same work on several threads that begin together.</summary>
internal static class ThreadTeam
{
    /// <summary>Runs a piece of work on each thread.</summary>
    /// <param name="threads">Threads, the calling one among them.</param>
    /// <param name="work">Gets the index of its thread, 0 to <paramref name="threads"/>; must not throw.</param>
    /// <returns>Seconds from the common begin to the end of the last.</returns>
    public static double Seconds(int threads, Action<int> work)
    {
        var ready = 0;
        var go = false;
        var others = new Thread[threads - 1];
        for (var i = 0; i < others.Length; i++)
        {
            var index = i + 1;
            others[i] = new Thread(() =>
            {
                Interlocked.Increment(ref ready);
                SpinWait.SpinUntil(() => Volatile.Read(ref go));
                work(index);
            })
            { IsBackground = true };
            others[i].Start();
        }

        SpinWait.SpinUntil(() => Volatile.Read(ref ready) == others.Length);
        var begin = Stopwatch.GetTimestamp();
        Volatile.Write(ref go, true);
        work(0);
        foreach (var other in others)
            other.Join();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
