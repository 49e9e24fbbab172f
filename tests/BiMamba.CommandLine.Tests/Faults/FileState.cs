using System.Security.Cryptography;

namespace BiMamba.CommandLine.Tests.Faults;

/// <summary>The files of a folder with the SHA-256 of each.</summary>
internal sealed class FileState
{
    private readonly SortedDictionary<string, string> files;

    private FileState(SortedDictionary<string, string> files) => this.files = files;

    /// <summary>Names in ordinal order, relative to the folder.</summary>
    public IReadOnlyList<string> Names => [.. files.Keys];

    /// <summary>A folder as it is now; an absent one has no files.</summary>
    public static FileState Of(string folder, Func<string, bool>? counts = null)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [])
        {
            var name = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (counts?.Invoke(name) ?? true)
                files.Add(name, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
        }

        return new FileState(files);
    }

    /// <summary>True for the same names with the same bytes.</summary>
    public bool Same(FileState other) => files.SequenceEqual(other.files);

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', files.Select(pair => $"{pair.Key} {pair.Value}"));
}
