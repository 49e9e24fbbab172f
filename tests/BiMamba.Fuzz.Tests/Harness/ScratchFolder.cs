namespace BiMamba.Fuzz.Tests.Harness;

/// <summary>A fresh folder in memory where the system has one, removed at the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string Shared = "/dev/shm";
    private const string Maps = "/proc/self/maps";

    /// <summary>Makes the folder.</summary>
    public ScratchFolder()
    {
        var parent = Directory.Exists(Shared) ? Shared : System.IO.Path.GetTempPath();
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, "bimamba-fuzz-" + System.IO.Path.GetRandomFileName())).FullName;
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>Files of the folder that this process has mapped, where the system tells.</summary>
    public string[] MappedFiles() =>
        File.Exists(Maps) ? [.. File.ReadLines(Maps).Where(line => line.Contains(Path, StringComparison.Ordinal)).Select(line => line[line.IndexOf(Path, StringComparison.Ordinal)..]).Distinct(StringComparer.Ordinal)] : [];

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
