using System.Globalization;
using System.Text.RegularExpressions;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Formats.Safetensors;

/// <summary>
/// A folder that receives a checkpoint whole or not at all. The files are made in a subfolder and moved out of it by
/// <see cref="Commit"/>; disposing before that removes the subfolder and every folder that was made for it. The configuration,
/// without which nobody takes the folder for a checkpoint, goes first and comes last, so that a process that is killed
/// between two moves leaves no mixture that can be read.
/// </summary>
public sealed partial class CheckpointFolder : IDisposable
{
    private const string ConfigName = "config.json";
    private const string OwnerName = "owner";

    private readonly string folder;
    private readonly bool force;
    private readonly IReadOnlyList<string> made;
    private FileStream? owner;
    private bool committed;

    private CheckpointFolder(string folder, bool force, IReadOnlyList<string> made)
    {
        this.folder = folder;
        this.force = force;
        this.made = made;
        Staging = Partial.NameOf(Path.Combine(folder, "checkpoint"));
    }

    /// <summary>The subfolder that takes the files.</summary>
    public string Staging { get; }

    /// <summary>The configuration in the subfolder.</summary>
    public string StagedConfig => Path.Combine(Staging, ConfigName);

    /// <summary>
    /// Makes the folder and its subfolder. Null with <see cref="OutputDiagnostics"/> if it holds a checkpoint already
    /// and force is false, cannot be written or its disk has less than the wanted bytes free.
    /// </summary>
    public static CheckpointFolder? Create(string folder, bool force, long bytes, DiagnosticBag diagnostics)
    {
        if (folder.Length == 0)
        {
            diagnostics.Add(OutputDiagnostics.NotWritable, "expected a folder, found an empty name", Place.None);
            return null;
        }

        CheckpointFolder? result = null;
        try
        {
            if (!force && ReportExisting(folder, diagnostics))
                return null;
            result = new CheckpointFolder(folder, force, MissingFolders(folder));
            RemoveAbandoned(folder);
            Directory.CreateDirectory(result.Staging);
            result.owner = Own(result.Staging, FileMode.CreateNew);
            var free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
            if (free >= bytes)
                return result;
            diagnostics.Add(OutputDiagnostics.NotWritable, $"expected {Gigabytes(bytes)} of free space, found {Gigabytes(free)}", Place.OfFile(folder), "free some space or choose another folder");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.ReportNotWritable(folder, e, diagnostics);
        }

        result?.Dispose();
        return null;
    }

    /// <summary>Adds what was found while the subfolder was written, under the names that the files will have.</summary>
    public void Report(DiagnosticBag found, DiagnosticBag diagnostics)
    {
        foreach (var item in found.Items)
            diagnostics.Add(item with { Place = item.Place with { File = item.Place.File?.Replace(Staging, folder, StringComparison.Ordinal) } });
    }

    /// <summary>
    /// Moves the files to their places, the configuration last; with force, files of an earlier checkpoint that none
    /// of them replaces are removed. False with a diagnostic if that fails.
    /// </summary>
    public bool Commit(DiagnosticBag diagnostics)
    {
        var moved = new List<string>();
        var target = folder;
        try
        {
            owner?.Dispose();
            var staged = Directory.GetFiles(Staging)
                .OrderBy(file => Path.GetFileName(file) == ConfigName)
                .ThenBy(file => file, StringComparer.Ordinal).ToArray();
            var stale = Existing(folder).Except(staged.Select(file => Path.Combine(folder, Path.GetFileName(file))), StringComparer.Ordinal).ToArray();
            if (force)
                File.Delete(target = Path.Combine(folder, ConfigName));
            foreach (var file in staged)
            {
                target = Path.Combine(folder, Path.GetFileName(file));
                File.Move(file, target, force);
                moved.Add(target);
            }

            foreach (var file in force ? stale : [])
                File.Delete(target = file);
            return committed = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!force && File.Exists(target))
                ReportExists(target, diagnostics);
            else
                AtomicFile.ReportNotWritable(target, e, diagnostics);
            // Without force nothing was replaced, and the folder goes back to what it was.
            foreach (var file in force ? [] : moved)
                File.Delete(file);
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        owner?.Dispose();
        if (Directory.Exists(Staging))
            Directory.Delete(Staging, recursive: true);
        foreach (var parent in committed ? [] : made)
        {
            // Somebody else may have put a file there meanwhile.
            if (Directory.Exists(parent) && !Directory.EnumerateFileSystemEntries(parent).Any())
                Directory.Delete(parent);
        }
    }

    /// <summary>Removes the subfolders of processes that were killed: a process has a file in its own open, which the system takes away with the process.</summary>
    private static void RemoveAbandoned(string folder)
    {
        foreach (var left in Partial.Find(Path.Combine(folder, "checkpoint"), Directory.EnumerateDirectories))
        {
            try
            {
                Own(left, FileMode.OpenOrCreate).Dispose();
                Directory.Delete(left, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, or of somebody else.
            }
        }
    }

    private static FileStream Own(string staging, FileMode mode) => new(Path.Combine(staging, OwnerName), mode, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    private static bool ReportExisting(string folder, DiagnosticBag diagnostics)
    {
        var existing = Existing(folder);
        foreach (var file in existing)
            ReportExists(file, diagnostics);
        return existing.Count > 0;
    }

    private static void ReportExists(string file, DiagnosticBag diagnostics) =>
        diagnostics.Add(OutputDiagnostics.Exists, "the file exists already", Place.OfFile(file), "choose another folder or pass --force");

    /// <summary>The files of a folder that bear a name which a checkpoint of safetensors files may use.</summary>
    private static IReadOnlyList<string> Existing(string folder) =>
        Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Where(file => OwnName().IsMatch(Path.GetFileName(file))).Order(StringComparer.Ordinal)]
            : [];

    /// <summary>The folder and those above it that do not exist, innermost first.</summary>
    private static List<string> MissingFolders(string folder)
    {
        var missing = new List<string>();
        for (var path = Path.GetFullPath(folder); path is not null && !Directory.Exists(path); path = Path.GetDirectoryName(path))
            missing.Add(path);
        return missing;
    }

    private static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");

    [GeneratedRegex(@"^(config\.json|model\.safetensors(\.index\.json)?|model-\d{5}-of-\d{5}\.safetensors)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OwnName();
}
