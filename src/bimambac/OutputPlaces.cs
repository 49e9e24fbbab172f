using BiMamba.Tensors;

namespace BiMamba.CommandLine;

/// <summary>Where a command writes, so that what it has not finished can be found by its name when nobody waits for the command any more.</summary>
internal sealed class OutputPlaces
{
    private readonly List<string> paths = [];
    private readonly List<string> missing = [];
    private readonly Lock gate = new();

    /// <summary>Adds a file or a folder that the command may write, before it does; null adds nothing.</summary>
    public void Add(string? path)
    {
        if (string.IsNullOrEmpty(path))
            return;
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        lock (gate)
        {
            paths.Add(full);
            for (var folder = full; folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
                missing.Add(folder);
        }
    }

    /// <summary>
    /// Removes unfinished files and folders of this process beside the places, in them, and in the folders beside them that begin with
    /// their names, such as a journal; then folders that the command made and left empty. What cannot be removed stays.
    /// </summary>
    public void RemoveUnfinished()
    {
        lock (gate)
        {
            foreach (var folder in paths.SelectMany(Folders).Distinct(StringComparer.Ordinal))
                Try(() => RemoveIn(folder));
            foreach (var folder in missing.Where(Directory.Exists))
                Try(() => Directory.Delete(folder));
        }
    }

    /// <summary>The folders in which a place can have something unfinished.</summary>
    private static IEnumerable<string> Folders(string path)
    {
        if (Path.GetDirectoryName(path) is { } parent && Directory.Exists(parent))
        {
            yield return parent;
            foreach (var beside in Directory.EnumerateDirectories(parent).Where(folder => folder.StartsWith(path + ".", StringComparison.Ordinal)))
                yield return beside;
        }

        if (!Directory.Exists(path))
            yield break;
        yield return path;
        foreach (var inside in Directory.EnumerateDirectories(path))
            yield return inside;
    }

    private static void RemoveIn(string folder)
    {
        var pattern = Partial.NameOf("*");
        foreach (var file in Directory.GetFiles(folder, pattern))
            Try(() => File.Delete(file));
        foreach (var staging in Directory.GetDirectories(folder, pattern))
            Try(() => Directory.Delete(staging, recursive: true));
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ends now: an unfinished file that stays has a name that says so.
        }
    }
}
