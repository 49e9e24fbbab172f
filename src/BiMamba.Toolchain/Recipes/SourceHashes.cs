using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Tensors;

namespace BiMamba.Toolchain.Recipes;

/// <summary>
/// SHA-256 of input files, beside other work. The hash of one file is a chain that no second thread can shorten, so it
/// starts first, the largest file ahead, and everything else is done while it runs.
/// </summary>
internal sealed class SourceHashes : IDisposable
{
    private const int PieceBytes = 1 << 18;

    private readonly IReadOnlyList<FileMap> maps;
    private readonly IReadOnlyList<FileMap> owned;
    private readonly SourceJson[] sources;
    private readonly IProgress<(long Done, long Total)> progress;
    private readonly CancellationTokenSource cancellation;
    private readonly Task[] workers;
    private readonly long total;
    private long done;
    private int next = -1;

    private SourceHashes(IReadOnlyList<FileMap> maps, IReadOnlyList<FileMap> owned, int threads, IProgress<(long Done, long Total)> progress, CancellationToken cancellation)
    {
        this.maps = [.. maps.OrderByDescending(map => map.Length)];
        this.owned = owned;
        this.progress = progress;
        this.cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        sources = new SourceJson[maps.Count];
        total = maps.Sum(map => map.Length);
        workers = threads == 1 ? [] : [.. Enumerable.Range(0, Math.Min(threads, maps.Count))
            .Select(_ => Task.Factory.StartNew(HashFiles, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
    }

    /// <summary>True while threads of their own are hashing.</summary>
    public bool IsRunning => workers.Any(worker => !worker.IsCompleted);

    /// <summary>The files with zeros for their hashes, which have the length of hashes.</summary>
    public IReadOnlyList<SourceJson> Unhashed => [.. maps.Select(map => new SourceJson(Path.GetFileName(map.Path), map.Length, new string('0', 2 * SHA256.HashSizeInBytes))).OrderBy(source => source.Name, StringComparer.Ordinal)];

    /// <summary>Starts. Null with diagnostics where a file cannot be read.</summary>
    /// <param name="files">The files.</param>
    /// <param name="mapped">Maps that are open already: their pages are shared.</param>
    /// <param name="threads">Threads of the command; with one, the files are hashed by <see cref="Finish"/>, and not at all without it.</param>
    /// <param name="progress">Receives bytes, from any thread.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="cancellation">Cancels between pieces.</param>
    public static SourceHashes? Start(
        IReadOnlyList<string> files, IEnumerable<FileMap> mapped, int threads, IProgress<(long Done, long Total)> progress, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var known = mapped.DistinctBy(map => map.Path, StringComparer.Ordinal).ToDictionary(map => map.Path, StringComparer.Ordinal);
        var (maps, owned) = (new List<FileMap>(), new List<FileMap>());
        foreach (var file in files)
        {
            if (known.TryGetValue(file, out var map))
                maps.Add(map);
            else if (FileMap.Open(file, diagnostics) is { } opened)
            {
                maps.Add(opened);
                owned.Add(opened);
            }
        }

        if (maps.Count == files.Count)
            return new SourceHashes(maps, owned, threads, progress, cancellation);
        owned.ForEach(map => map.Dispose());
        return null;
    }

    /// <summary>Waits for the hashes: the files by name, without their folders.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InputChangedException">A file is not what it was when it was opened.</exception>
    public IReadOnlyList<SourceJson> Finish()
    {
        if (workers.Length == 0)
            HashFiles();
        foreach (var worker in workers)
            worker.GetAwaiter().GetResult();
        // What was read before and after the hash went by belongs to it only where nobody wrote meanwhile.
        foreach (var map in maps)
            map.ThrowIfChanged();
        return [.. sources.OrderBy(source => source.Name, StringComparer.Ordinal)];
    }

    /// <summary>Stops the threads and closes what they read.</summary>
    public void Dispose()
    {
        cancellation.Cancel();
        // Maps must outlive their readers; what the threads threw is told by Finish.
        Task.WhenAll(workers).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
        foreach (var map in owned)
            map.Dispose();
        cancellation.Dispose();
    }

    private void HashFiles()
    {
        for (var i = Interlocked.Increment(ref next); i < maps.Count; i = Interlocked.Increment(ref next))
            sources[i] = new SourceJson(Path.GetFileName(maps[i].Path), maps[i].Length, Hash(maps[i]));
    }

    private string Hash(FileMap map)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = GC.AllocateUninitializedArray<byte>((int)Math.Min(PieceBytes, map.Length));
        for (long offset = 0; offset < map.Length; offset += PieceBytes)
        {
            cancellation.Token.ThrowIfCancellationRequested();
            var count = (int)Math.Min(PieceBytes, map.Length - offset);
            map.Read(offset, piece.AsSpan(0, count));
            hash.AppendData(piece.AsSpan(0, count));
            progress.Report((Interlocked.Add(ref done, count), total));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
