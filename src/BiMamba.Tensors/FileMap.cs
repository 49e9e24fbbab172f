using System.IO.MemoryMappedFiles;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Tensors;

/// <summary>
/// A whole file mapped read-only. Spans are taken at 64-bit offsets, so files over 2 GB work. The map must outlive
/// every span and tensor that was taken from it.
/// </summary>
public sealed unsafe class FileMap : IDisposable
{
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;
    private byte* start;

    private FileMap(string path, long length, MemoryMappedFile? map, MemoryMappedViewAccessor? view)
    {
        Path = path;
        Length = length;
        this.map = map;
        this.view = view;
        if (view is not null)
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>Bytes of the file when it was mapped.</summary>
    public long Length { get; }

    /// <summary>Maps a file. Null with <see cref="InputDiagnostics.Missing"/> or <see cref="InputDiagnostics.Unreadable"/> if that fails.</summary>
    /// <param name="path">The file.</param>
    /// <param name="diagnostics">Receives the reason of a failure.</param>
    /// <returns>The map, which the caller disposes, or null.</returns>
    public static FileMap? Open(string path, DiagnosticBag diagnostics)
    {
        if (Directory.Exists(path))
        {
            diagnostics.Add(InputDiagnostics.Unreadable, "expected a file, found a folder", Place.OfFile(path));
            return null;
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (!stream.CanSeek)
            {
                diagnostics.Add(InputDiagnostics.Unreadable, "expected a file that can be mapped, found a pipe or a terminal", Place.OfFile(path), "write the data to a file first");
                return null;
            }

            if (stream.Length == 0)
                return new FileMap(path, 0, null, null);
            var mapped = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new FileMap(path, stream.Length, mapped, mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            diagnostics.Add(InputDiagnostics.Missing, "the file does not exist", Place.OfFile(path), "check the path");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(InputDiagnostics.Unreadable, $"the file cannot be read: {e.Message}", Place.OfFile(path));
            return null;
        }
    }

    /// <summary>Bytes of the file at an offset.</summary>
    /// <param name="offset">First byte, from the start of the file.</param>
    /// <param name="length">Number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the file.</exception>
    /// <exception cref="ObjectDisposedException">The map was disposed.</exception>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        ObjectDisposedException.ThrowIf(start is null && Length > 0, this);
        return new ReadOnlySpan<byte>(start + offset, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (start is not null)
        {
            start = null;
            view!.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        view?.Dispose();
        map?.Dispose();
    }
}
