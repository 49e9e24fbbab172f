using System.Diagnostics;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.Fuzz.Tests.Harness;

/// <summary>
/// The cases of a target, one after the other on a thread of 1 MiB of stack, the smallest default of .NET. Every case has
/// to end soon with an error in its bag or a result, without an exception, within the bound of memory. A thread beside it
/// writes the input of a case that does not end.
/// </summary>
internal sealed class FuzzRun(FuzzTarget target, MemoryBound bound, FuzzSettings settings)
{
    /// <summary>What a case may take; it is run twice more before it counts as slow.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    /// <summary>After this time a case is given up; the machine may be busy with other things for that long.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private const int StackBytes = 1 << 20;
    private const int MostFailures = 12;

    private readonly List<string> failures = [];
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> ids = new(StringComparer.Ordinal);
    private byte[] current = [];
    private long number = -1;
    private long started;
    private Exception? broken;

    /// <summary>Inputs that were accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>The largest part of the bound that a case took, and its number.</summary>
    public (double Share, long Bytes, long Number) Memory { get; private set; }

    /// <summary>The longest case in milliseconds.</summary>
    public double Longest { get; private set; }

    /// <summary>Seconds of all cases.</summary>
    public double Seconds { get; private set; }

    /// <summary>Ids of diagnostics and the cases that had them first in the bag.</summary>
    public IReadOnlyDictionary<string, int> Ids => ids;

    /// <summary>What broke; empty where nothing did.</summary>
    public IReadOnlyList<string> Failures => failures;

    /// <summary>Runs the cases.</summary>
    public void Execute()
    {
        using var folder = new ScratchFolder();
        var thread = new Thread(() => Cases(folder.Path), StackBytes) { IsBackground = true, Name = "fuzz " + target.Name };
        thread.Start();
        while (!thread.Join(TimeSpan.FromMilliseconds(200)))
        {
            var (running, since) = (Volatile.Read(ref number), Volatile.Read(ref started));
            if (running < 0 || Stopwatch.GetElapsedTime(since) < Hang || running != Volatile.Read(ref number))
                continue;
            failures.Add(string.Create(CultureInfo.InvariantCulture, $"case {running} did not end in {Hang.TotalSeconds} s; {Keep(running, current)}"));
            return;
        }

        if (broken is not null)
            throw new InvalidOperationException($"the harness broke at case {number}", broken);
        if (folder.MappedFiles() is { Length: > 0 } left)
            failures.Add($"files are mapped after the last case: {string.Join(", ", left)}");
    }

    private void Cases(string folder)
    {
        try
        {
            var input = new FuzzInput(folder, target.Extension);
            // Tables that come to be on first use are not the memory of a case.
            foreach (var seed in target.Seeds)
            {
                input.Bytes = seed;
                target.Accepts(input, new DiagnosticBag());
            }

            var clock = Stopwatch.StartNew();
            for (var i = settings.First; i < settings.First + settings.Cases && failures.Count < MostFailures; i++)
                Case(i, input);
            Seconds = clock.Elapsed.TotalSeconds;
        }
        catch (Exception e)
        {
            broken = e;
        }
    }

    /// <summary>The input of a case.</summary>
    public static byte[] InputOf(FuzzTarget target, long number) =>
        number < target.Seeds.Count ? target.Seeds[(int)number] : target.Mutate(new FuzzRandom(target.Name, number));

    private void Case(long i, FuzzInput input)
    {
        input.Bytes = current = InputOf(target, i);
        Volatile.Write(ref started, Stopwatch.GetTimestamp());
        Volatile.Write(ref number, i);
        var bag = new DiagnosticBag();
        var before = GC.GetAllocatedBytesForCurrentThread();
        string? problem;
        try
        {
            var accepted = target.Accepts(input, bag);
            Accepted += accepted ? 1 : 0;
            problem = accepted != bag.HasErrors ? Unprintable(bag) : accepted ? $"accepted, with the error {bag.Items.First(item => item.Severity == Severity.Error)}" : "refused without an error";
            if (i < target.Seeds.Count && !accepted)
                problem = $"a seed is refused: {string.Join(' ', bag.Items.Take(3))}";
        }
        catch (Exception e)
        {
            problem = Describe(e);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var time = Stopwatch.GetElapsedTime(started);
        if (bag.Items.Count > 0)
            ids[bag.Items[0].Id] = ids.GetValueOrDefault(bag.Items[0].Id) + 1;
        if ((double)allocated / bound.Of(current.Length) is var share && share > Memory.Share)
            Memory = (share, allocated, i);
        if (problem is null && share > 1)
            problem = string.Create(CultureInfo.InvariantCulture, $"{allocated} bytes allocated for {current.Length} bytes, more than the bound of {bound.Of(current.Length)}");
        Longest = Math.Max(Longest, time.TotalMilliseconds);
        if (problem is null && time > Slow && IsSlow(input))
            problem = string.Create(CultureInfo.InvariantCulture, $"took {time.TotalSeconds:0.0} s, and again");
        if (problem is not null && seen.Add(Kind(problem)))
            failures.Add(string.Create(CultureInfo.InvariantCulture, $"case {i}: {problem}; {Keep(i, current)}"));
    }

    /// <summary>Another process may have had the processor: a slow case is slow twice more.</summary>
    private bool IsSlow(FuzzInput input)
    {
        for (var again = 0; again < 2; again++)
        {
            var clock = Stopwatch.StartNew();
            target.Accepts(input, new DiagnosticBag());
            if (clock.Elapsed < Slow)
                return false;
        }

        return true;
    }

    /// <summary>What a diagnostic says must be printable, and short: a file can hold names without end.</summary>
    private static string? Unprintable(DiagnosticBag bag)
    {
        const int MostCharacters = 16_000;
        var long_ = bag.Items.FirstOrDefault(item => item.ToString().Length > MostCharacters);
        return long_ is null ? null : $"a diagnostic of {long_.ToString().Length} characters: {long_.ToString()[..200]}";
    }

    private static string Describe(Exception e)
    {
        var frames = (e.StackTrace ?? "").Split('\n', StringSplitOptions.TrimEntries).Where(line => line.Contains("BiMamba.", StringComparison.Ordinal)).Take(5);
        return $"{e.GetType().Name}: {e.Message}\n    {string.Join("\n    ", frames)}\n   ";
    }

    /// <summary>Failures of one kind are shown once: they differ in numbers and in quoted text only.</summary>
    private static string Kind(string problem) => string.Concat(problem.Split("\n")[^Math.Min(problem.Split("\n").Length, 4)..]
        .Select(line => line.Contains("at ", StringComparison.Ordinal) ? line : new string([.. line.Where(char.IsLetter).Take(24)])));

    private string Keep(long i, byte[] bytes)
    {
        var path = Path.Combine(settings.Artifacts, target.Name, string.Create(CultureInfo.InvariantCulture, $"{i}{target.Extension}"));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return string.Create(CultureInfo.InvariantCulture, $"the input is {path}; BIMAMBA_FUZZ_TARGET={target.Name} BIMAMBA_FUZZ_FIRST={i} BIMAMBA_FUZZ_CASES=1 repeats it");
    }
}
