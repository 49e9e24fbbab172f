using BiMamba.Measurement.Probing;

namespace BiMamba.Measurement;

/// <summary>One measured way to read memory.</summary>
/// <param name="Loop">The order in which the bytes are read.</param>
/// <param name="Pages"><c>ordinary</c> or <c>huge</c>.</param>
/// <param name="BytesPerSecond">Bytes a second of all threads together; the best pass.</param>
public sealed record ReadRate(string Loop, string Pages, double BytesPerSecond);

/// <summary>
/// The read bandwidth of the machine: buffers larger than any cache are read by several threads in several orders, on
/// ordinary and on huge pages. The best of all is the reference, because a program may choose its order and its pages.
/// </summary>
public sealed class ReadBandwidth : IDisposable
{
    /// <summary>The bytes that are read where nothing else is asked for: 1 GiB.</summary>
    public const int DefaultBytes = 1 << 30;

    private readonly int threads;
    private readonly List<(string Pages, ProbeBuffer Buffer)> buffers = [];

    /// <summary>Takes the memory: one buffer a kind of page.</summary>
    /// <param name="threads">Threads that read.</param>
    /// <param name="bytes">Bytes of a buffer, rounded up to what the threads can share, but at most 1 GiB.</param>
    public ReadBandwidth(int threads, int bytes = DefaultBytes)
    {
        this.threads = threads;
        var unit = (long)threads * ReadLoops.Unit;
        var length = checked((int)((Math.Clamp(bytes, 1, DefaultBytes) + unit - 1) / unit * unit));
        Add("ordinary", ProbeBuffer.Create(length, huge: false));
        Add("huge", ProbeBuffer.Create(length, huge: true));
    }

    /// <summary>Reads every buffer once in every order.</summary>
    /// <param name="cancellation">Looked at between the orders.</param>
    public IReadOnlyList<ReadRate> Measure(CancellationToken cancellation = default)
    {
        var rates = new List<ReadRate>();
        var sums = new ulong[threads];
        foreach (var (pages, buffer) in buffers)
        {
            foreach (var (name, run) in ReadLoops.All)
            {
                cancellation.ThrowIfCancellationRequested();
                var seconds = ThreadTeam.Seconds(threads, thread => sums[thread] ^= run(buffer.Bytes, thread, threads));
                rates.Add(new ReadRate(name, pages, buffer.Length / seconds));
            }
        }

        GC.KeepAlive(sums);
        return rates;
    }

    /// <summary>The best of each loop and kind of page over several measurements, in the order of the first.</summary>
    public static IReadOnlyList<ReadRate> Best(IEnumerable<IReadOnlyList<ReadRate>> measurements) =>
        [.. measurements.SelectMany(rates => rates).GroupBy(rate => (rate.Loop, rate.Pages)).Select(group => group.MaxBy(rate => rate.BytesPerSecond)!)];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, buffer) in buffers)
            buffer.Dispose();
        buffers.Clear();
    }

    private void Add(string pages, ProbeBuffer? buffer)
    {
        if (buffer is not null)
            buffers.Add((pages, buffer));
    }
}
