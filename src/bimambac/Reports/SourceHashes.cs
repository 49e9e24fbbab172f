using System.Security.Cryptography;
using BiMamba.CommandLine.Console;
using BiMamba.Diagnostics;
using BiMamba.Tensors;

namespace BiMamba.CommandLine.Reports;

/// <summary>SHA-256 of input files, in parallel, with progress.</summary>
internal static class SourceHashes
{
    private const int PieceBytes = 1 << 20;

    /// <summary>The files by name, without their folders; null where one cannot be read.</summary>
    public static IReadOnlyList<SourceJson>? Of(IReadOnlyList<string> files, int threads, Terminal terminal, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var maps = files.Select(file => FileMap.Open(file, diagnostics)).ToList();
        try
        {
            if (diagnostics.HasErrors)
                return null;
            var total = maps.Sum(map => map!.Length);
            var line = new ProgressLine(terminal, "hash inputs");
            long done = 0;
            var sources = new SourceJson[files.Count];
            Parallel.For(0, files.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
            {
                var sha256 = Hash(maps[i]!, bytes => line.Report(Interlocked.Add(ref done, bytes), total), cancellation);
                sources[i] = new SourceJson(Path.GetFileName(files[i]), maps[i]!.Length, sha256);
            });
            return [.. sources.OrderBy(source => source.Name, StringComparer.Ordinal)];
        }
        finally
        {
            maps.ForEach(map => map?.Dispose());
        }
    }

    private static string Hash(FileMap map, Action<long> progress, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long offset = 0; offset < map.Length; offset += PieceBytes)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = (int)Math.Min(PieceBytes, map.Length - offset);
            hash.AppendData(map.Span(offset, count));
            progress(count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
