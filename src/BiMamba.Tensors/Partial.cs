using System.Globalization;

namespace BiMamba.Tensors;

/// <summary>
/// Names of what is not finished, <c>TARGET.PROCESS.partial</c>, and the removal of what killed processes have left under
/// such names. A process holds a lock on its unfinished file, which the system takes away with the process.
/// </summary>
public static class Partial
{
    private const string Ending = ".partial";

    /// <summary>The name that this process uses for a target.</summary>
    public static string NameOf(string target) => string.Create(CultureInfo.InvariantCulture, $"{target}.{Environment.ProcessId}{Ending}");

    /// <summary>Removes unfinished files of a target that no process has open. Those that cannot be removed stay, as no target is harmed by them.</summary>
    public static void RemoveAbandoned(string target)
    {
        foreach (var file in Find(target, Directory.EnumerateFiles))
            RemoveUnowned(file);
    }

    /// <summary>Removes a file that no process has open for itself alone; one that cannot be removed stays.</summary>
    public static void RemoveUnowned(string file)
    {
        try
        {
            // The lock of a writer lasts from the creation of its file to the end.
            using var lockOfIt = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In use, gone, or of somebody else.
        }
    }

    /// <summary>True where a file could not be opened because another process has it open for itself alone.</summary>
    public static bool IsOwned(IOException e) =>
        // ERROR_SHARING_VIOLATION of Windows; EWOULDBLOCK of flock, which has one number on Linux and another on macOS.
        e.HResult == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11);

    /// <summary>What bears an unfinished name of a target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="enumerate">Lists entries of a folder by a pattern.</param>
    public static IReadOnlyList<string> Find(string target, Func<string, string, IEnumerable<string>> enumerate)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(target));
        if (folder is null || !Directory.Exists(folder))
            return [];
        var start = Path.GetFileName(target) + ".";
        // The name of a target may have characters that mean something in a pattern.
        return [.. enumerate(folder, "*" + Ending).Where(entry => IsPartial(Path.GetFileName(entry), start))];
    }

    private static bool IsPartial(string name, string start) =>
        name.Length > start.Length + Ending.Length && name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal)
        && !name.AsSpan(start.Length, name.Length - start.Length - Ending.Length).ContainsAnyExceptInRange('0', '9');
}
