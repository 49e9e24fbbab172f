using System.IO.MemoryMappedFiles;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using Microsoft.Win32.SafeHandles;

namespace BiMamba.Tensors;

/// <summary>
/// A whole file mapped read-only. Spans are taken at 64-bit offsets, so files over 2 GB work. The map must outlive
/// every span and tensor that was taken from it.
/// </summary>
/// <remarks>
/// Where another process truncates the file, looking at a lost page of a span ends this process by a signal. What reads a
/// file once, such as a conversion, takes its bytes by <see cref="Read"/>, which finds it out.
/// </remarks>
public sealed unsafe class FileMap : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;
    private readonly DateTime modified;
    private byte* start;

    private FileMap(string path, SafeFileHandle handle)
    {
        Path = path;
        this.handle = handle;
        Length = RandomAccess.GetLength(handle);
        modified = File.GetLastWriteTimeUtc(handle);
        if (Length == 0)
            return;
        map = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        try
        {
            view = map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        }
        catch
        {
            map.Dispose();
            throw;
        }

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

        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return new FileMap(path, handle);
        }
        catch (NotSupportedException)
        {
            // The length of what cannot be sought in is not supported.
            diagnostics.Add(InputDiagnostics.Unreadable, "expected a file that can be mapped, found a pipe or a terminal", Place.OfFile(path), "write the data to a file first");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            diagnostics.Add(InputDiagnostics.Missing, "the file does not exist", Place.OfFile(path), "check the path");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(InputDiagnostics.Unreadable, $"the file cannot be read: {e.Message}", Place.OfFile(path));
        }

        handle?.Dispose();
        return null;
    }

    /// <summary>Bytes of the file at an offset.</summary>
    /// <param name="offset">First byte, from the start of the file.</param>
    /// <param name="length">Number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the file.</exception>
    /// <exception cref="ObjectDisposedException">The map was disposed.</exception>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        CheckRange(offset, length);
        ObjectDisposedException.ThrowIf(start is null && Length > 0, this);
        return new ReadOnlySpan<byte>(start + offset, length);
    }

    /// <summary>Copies bytes at an offset, asking the file for them instead of the map.</summary>
    /// <param name="offset">First byte, from the start of the file.</param>
    /// <param name="destination">Receives as many bytes as it is long.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range was not inside the file when it was opened.</exception>
    /// <exception cref="InputChangedException">It is not any more, or the disk does not give the bytes.</exception>
    /// <exception cref="ObjectDisposedException">The map was disposed.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        try
        {
            while (destination.Length > 0)
            {
                var count = RandomAccess.Read(handle, destination, offset);
                if (count == 0)
                    throw new InputChangedException(Path, $"expected {Length} bytes as when it was opened, found an end at byte {offset} or before");
                offset += count;
                destination = destination[count..];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputChangedException(Path, $"expected to read it as when it was opened, found at byte {offset}: {e.Message}");
        }
    }

    /// <summary>Fails where the file has not the length and the time of its last change that it had when it was opened.</summary>
    /// <exception cref="InputChangedException">It has others.</exception>
    /// <exception cref="ObjectDisposedException">The map was disposed.</exception>
    public void ThrowIfChanged()
    {
        var length = RandomAccess.GetLength(handle);
        if (length != Length)
            throw new InputChangedException(Path, $"expected {Length} bytes as when it was opened, found {length}");
        if (File.GetLastWriteTimeUtc(handle) != modified)
            throw new InputChangedException(Path, "expected that nothing writes to the file, found that it was changed after it was opened");
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
        handle.Dispose();
    }

    private void CheckRange(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
    }
}
