using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using BiMamba.Diagnostics;
using BiMamba.Tensors;

namespace BiMamba.Toolchain.Journal;

/// <summary>The folder of a journal: the names of its files, whose it is, and which run has it. Files of others in it are left alone.</summary>
/// <param name="path">The folder.</param>
internal sealed partial class JournalFolder(string path) : IDisposable
{
    private const string Ending = ".safetensors";
    private const int MaxManifestBytes = 1 << 20;
    private FileStream? owner;

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>True where a run has left something.</summary>
    public bool Exists => Files().Length > 0;

    /// <summary>The file of the key.</summary>
    public string Manifest => In("journal.json");

    private string Owner => In("owner");

    /// <summary>The file of a finished block.</summary>
    public string Block(int stage, int block) => In(string.Create(CultureInfo.InvariantCulture, $"block-{stage}-{block}{Ending}"));

    /// <summary>The file of the samples before a block.</summary>
    public string State(int stage, int block) => In(string.Create(CultureInfo.InvariantCulture, $"state-{stage}-{block}{Ending}"));

    /// <summary>The blocks before which samples are kept.</summary>
    public IEnumerable<(int Stage, int Block)> States() => Files().Select(file => StateName().Match(System.IO.Path.GetFileName(file))).Where(match => match.Success)
        .Select(match => (int.Parse(match.Groups["stage"].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups["block"].Value, CultureInfo.InvariantCulture)));

    /// <summary>Removes the samples before a block; null, or why that fails.</summary>
    public string? DropState(int stage, int block) => Try(() => File.Delete(State(stage, block)));

    /// <summary>Makes the folder this process's own; null, or why it cannot be. The system takes it away from a process that is killed.</summary>
    public string? Take()
    {
        return owner is not null ? null : Try(() =>
        {
            Directory.CreateDirectory(path);
            owner = new FileStream(Owner, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        });
    }

    /// <summary>Writes the key; false with an error where that fails.</summary>
    public bool Write(JournalKey key, DiagnosticBag diagnostics)
    {
        using var file = AtomicFile.Create(Manifest, force: true, diagnostics);
        if (file is null)
            return false;
        try
        {
            file.Stream.Write(JsonSerializer.SerializeToUtf8Bytes(new ManifestJson(1, key.Parts), JournalSchema.Default.ManifestJson));
        }
        catch (IOException e)
        {
            AtomicFile.ReportNotWritable(Manifest, e, diagnostics);
            return false;
        }

        return file.Commit(diagnostics);
    }

    /// <summary>The key of the run that wrote the journal; null with the reason where it cannot be read.</summary>
    public JournalKey? Read(out string reason)
    {
        try
        {
            reason = "expected the key of a run";
            if (new FileInfo(Manifest).Length > MaxManifestBytes)
                return null;
            return JsonSerializer.Deserialize(File.ReadAllBytes(Manifest), JournalSchema.Default.ManifestJson) is { SchemaVersion: 1 } manifest && manifest.Key.All(part => part is not null) ? new JournalKey(manifest.Key) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            reason = e.Message;
            return null;
        }
    }

    /// <summary>Removes what runs have left; null, or why that fails.</summary>
    public string? Clear() => Try(() =>
    {
        foreach (var file in Files())
            File.Delete(file);
    });

    /// <summary>Removes what runs have left, and the folder where nothing else is in it; null, or why that fails.</summary>
    public string? Remove() => Clear() ?? Try(() =>
    {
        Dispose();
        if (Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any())
            Directory.Delete(path);
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        owner?.Dispose();
        owner = null;
    }

    private string In(string name) => System.IO.Path.Combine(path, name);

    /// <summary>What runs have left; nothing where the folder cannot be read, which writing to it says.</summary>
    private string[] Files()
    {
        string[] files = [];
        if (Directory.Exists(path))
            Try(() => files = [.. Directory.EnumerateFiles(path).Where(file => OwnName().IsMatch(System.IO.Path.GetFileName(file))).Order(StringComparer.Ordinal)]);
        return files;
    }

    private static string? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    [GeneratedRegex(@"^(journal\.json|(block|state)-\d{1,9}-\d{1,9}\.safetensors)(\.\d{1,10}\.partial)?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 10000)]
    private static partial Regex OwnName();

    [GeneratedRegex(@"^state-(?<stage>\d{1,9})-(?<block>\d{1,9})\.safetensors$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 10000)]
    private static partial Regex StateName();
}
