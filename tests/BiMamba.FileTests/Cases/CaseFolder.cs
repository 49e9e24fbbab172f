using System.Security.Cryptography;
using BiMamba.Testing;

namespace BiMamba.FileTests.Cases;

/// <summary>The temporary folder of a case, and the names that stand for folders of this machine.</summary>
internal sealed class CaseFolder : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly (string Name, string Path)[] names;

    /// <summary>Makes the folder.</summary>
    public CaseFolder()
    {
        names =
        [
            ("$TMP", folder.Path),
            ("$MODELS", Repository.Golden("models")),
            ("$TEXT", Repository.Golden("text")),
            ("$GOLDEN", Repository.Golden()),
            ("$ROOT", Repository.Root),
        ];
    }

    /// <summary>A path inside the folder.</summary>
    public string this[string name] => folder[name];

    /// <summary>A text with the folders of this machine for their names.</summary>
    public string Expand(string text)
    {
        foreach (var (name, path) in names)
            text = text.Replace(name, path, StringComparison.Ordinal);
        return text;
    }

    /// <summary>A text with the names for the folders of this machine, and slashes in the paths below them.</summary>
    public string Scrub(string text)
    {
        foreach (var (name, path) in names)
            text = text.Replace(path, name, StringComparison.Ordinal);
        return Path.DirectorySeparatorChar == '/' ? text : CaseNormalization.WithSlashes(text);
    }

    /// <summary>Every file of the folder by its name, with its size and hash.</summary>
    public SortedDictionary<string, string> Listing()
    {
        var listing = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in new DirectoryInfo(folder.Path).EnumerateFiles("*", SearchOption.AllDirectories))
            listing[Path.GetRelativePath(folder.Path, file.FullName).Replace(Path.DirectorySeparatorChar, '/')] = $"{file.Length} {Hash(file)}";
        return listing;
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    /// <summary>The hash of a file; a file too large for that, which is one hole, is known by its size and time.</summary>
    private static string Hash(FileInfo file)
    {
        if (file.Length > 50_000_000)
            return file.LastWriteTimeUtc.Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var stream = file.OpenRead();
        return Convert.ToHexString(SHA256.HashData(stream));
    }
}
