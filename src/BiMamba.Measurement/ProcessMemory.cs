using System.Globalization;

namespace BiMamba.Measurement;

/// <summary>Resident memory of a process, in bytes.</summary>
/// <param name="Anonymous">Memory of its own (RssAnon).</param>
/// <param name="File">Pages of mapped files that are in memory (RssFile): weights, and the code of the program.</param>
/// <param name="Peak">The most that was resident at a time since the process began, of both (VmHWM).</param>
/// <remarks>Source: proc_pid_status(5).</remarks>
public sealed record ProcessMemory(long Anonymous, long File, long Peak)
{
    /// <summary>What is resident now.</summary>
    public long Resident => Anonymous + File;

    /// <summary>The memory of this process; null on systems without /proc.</summary>
    public static ProcessMemory? Read()
    {
        const string Status = "/proc/self/status";
        return OperatingSystem.IsLinux() && System.IO.File.Exists(Status) ? Parse(System.IO.File.ReadAllText(Status)) : null;
    }

    /// <summary>Reads the text of a status file; null where a line is missing.</summary>
    public static ProcessMemory? Parse(string status) =>
        Find(status, "RssAnon:") is { } anonymous && Find(status, "RssFile:") is { } file && Find(status, "VmHWM:") is { } peak
            ? new ProcessMemory(anonymous, file, peak)
            : null;

    private static long? Find(string status, string key)
    {
        foreach (var line in status.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(key, StringComparison.Ordinal))
                continue;
            var number = line[key.Length..].Trim();
            var unit = number.IndexOf(' ');
            return unit > 0 && long.TryParse(number[..unit], NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes) ? kibibytes * 1024 : null;
        }

        return null;
    }
}
