using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Tensors;

/// <summary>
/// A file that appears whole or not at all: written under a temporary name beside its target, flushed to the disk
/// and renamed by <see cref="Commit"/>; disposing it before that removes the temporary file. What a process that was
/// killed has left of the same target is removed when the next one starts the file.
/// </summary>
public sealed class AtomicFile : IDisposable
{
    private readonly string temporary;
    private readonly bool force;
    private bool open = true;

    private AtomicFile(string path, string temporary, bool force, FileStream stream)
    {
        Path = path;
        this.temporary = temporary;
        this.force = force;
        Stream = stream;
    }

    /// <summary>The target path.</summary>
    public string Path { get; }

    /// <summary>The temporary file, readable and writable.</summary>
    public FileStream Stream { get; }

    /// <summary>Starts a file. Null with a diagnostic of <see cref="OutputDiagnostics"/> if it exists without force or cannot be written.</summary>
    /// <param name="path">The target.</param>
    /// <param name="force">True to replace a file that exists.</param>
    /// <param name="diagnostics">Receives the reason of a failure.</param>
    /// <returns>The file, which the caller disposes, or null.</returns>
    public static AtomicFile? Create(string path, bool force, DiagnosticBag diagnostics)
    {
        if (path.Length == 0)
        {
            diagnostics.Add(OutputDiagnostics.NotWritable, "expected a file name, found an empty one", Place.None);
            return null;
        }

        if (Directory.Exists(path))
        {
            diagnostics.Add(OutputDiagnostics.NotWritable, "expected a file name, found a folder", Place.OfFile(path));
            return null;
        }

        if (IsDevice(path))
        {
            diagnostics.Add(OutputDiagnostics.NotWritable, "expected a file, found a device", Place.OfFile(path), "a finished file takes its name by a rename, which would replace the device");
            return null;
        }

        if (!force && File.Exists(path))
        {
            ReportExists(path, diagnostics);
            return null;
        }

        var temporary = Partial.NameOf(path);
        try
        {
            Partial.RemoveAbandoned(path);
            var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16);
            return new AtomicFile(path, temporary, force, stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ReportNotWritable(path, e, diagnostics);
            return null;
        }
    }

    /// <summary>Reports an <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> of a write, such as a full disk.</summary>
    public static void ReportNotWritable(string path, Exception e, DiagnosticBag diagnostics) =>
        diagnostics.Add(OutputDiagnostics.NotWritable, $"the file cannot be written: {e.Message}", Place.OfFile(path), "check the folder, its permissions and the free space");

    /// <summary>Flushes to the disk and gives the file its name. False with a diagnostic if that fails.</summary>
    public bool Commit(DiagnosticBag diagnostics)
    {
        try
        {
            Stream.Flush(flushToDisk: true);
            // Elsewhere the file is renamed while it is locked, so that nobody takes it for an abandoned one.
            if (OperatingSystem.IsWindows())
                Stream.Dispose();
            File.Move(temporary, Path, force);
            open = false;
            Stream.Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!force && File.Exists(Path))
                ReportExists(Path, diagnostics);
            else
                ReportNotWritable(Path, e, diagnostics);
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!open)
            return;
        open = false;
        try
        {
            Stream.Dispose();
        }
        catch (IOException)
        {
            // The disk is full: the file goes away all the same.
        }

        File.Delete(temporary);
    }

    private static bool IsDevice(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        return !OperatingSystem.IsWindows()
            && full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal);
    }

    private static void ReportExists(string path, DiagnosticBag diagnostics) =>
        diagnostics.Add(OutputDiagnostics.Exists, "the file exists already", Place.OfFile(path), "choose another name or pass --force");
}
