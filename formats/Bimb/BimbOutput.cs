using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Spec;
using BiMamba.IR;
using BiMamba.Tensors;
using Microsoft.Win32.SafeHandles;

namespace BiMamba.Formats.Bimb;

/// <summary>
/// A file on its way to the disk. The data region is written first and can be read back, while what its header says is
/// still being found out; the header has a size that is known beforehand, and is written by <see cref="Commit"/>.
/// Disposing an output that is not committed leaves no file behind.
/// </summary>
public sealed class BimbOutput : IDisposable
{
    private readonly AtomicFile file;
    private readonly BimbContent content;
    private readonly List<Resource> resources;
    private readonly byte[][] hashes;
    private readonly long[] offsets;
    private readonly long total;

    private BimbOutput(AtomicFile file, BimbContent content, List<Resource> resources, byte[][] hashes, SpecTree tree)
    {
        this.file = file;
        this.content = content;
        this.resources = resources;
        this.hashes = hashes;
        offsets = [.. tree.Root.RecordAt("table").Items("tensors").Select(row => ((SpecRecordNode)row).Integer("offset"))];
        total = tree.Total!.Value;
    }

    private SafeFileHandle Handle => file.Stream.SafeFileHandle;

    /// <summary>Starts a file. Null with diagnostics if it cannot be written or the content cannot be stored.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it holds; the recipe may stand for another of as many bytes.</param>
    /// <param name="force">True to replace an existing file.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public static BimbOutput? Create(string path, BimbContent content, bool force, DiagnosticBag diagnostics)
    {
        var (resources, hashes) = BimbLayout.Prepare(content);
        if (BimbLayout.Build(path, content, resources, hashes, diagnostics) is not { } tree || AtomicFile.Create(path, force, diagnostics) is not { } file)
            return null;
        return new BimbOutput(file, content, resources, hashes, tree);
    }

    /// <summary>
    /// Writes all tensors: each is read once, in pieces, and hashed while it is written. False with a diagnostic if the
    /// file cannot be written.
    /// </summary>
    /// <param name="threads">Threads to use; the bytes do not depend on it.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="progress">Receives the bytes of tensors that are written, from any thread.</param>
    /// <param name="cancellation">Cancels between pieces.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public bool WriteData(int threads, DiagnosticBag diagnostics, IProgress<long>? progress, CancellationToken cancellation) =>
        Guarded(diagnostics, () =>
        {
            // What is not written stays zero, and the length covers padding behind an empty last tensor.
            file.Stream.SetLength(total);
            BimbPieces.Hash(resources, threads, hashes, progress, (i, offset, count, buffer) =>
            {
                var piece = resources[i].Data.View(offset, count, ref buffer);
                RandomAccess.Write(Handle, piece, offsets[i] + offset);
                return piece;
            }, cancellation);
        });

    /// <summary>
    /// Flushes the tensors to the disk and reads them back: their lower-case hexadecimal SHA-256 in the order of the
    /// file, for <see cref="BimbVerifier"/>. Null with a diagnostic if that fails.
    /// </summary>
    /// <param name="threads">Threads to use.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="progress">Receives the bytes of tensors that are read, from any thread.</param>
    /// <param name="cancellation">Cancels between pieces.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IReadOnlyList<string>? ReadBack(int threads, DiagnosticBag diagnostics, IProgress<long>? progress, CancellationToken cancellation)
    {
        var found = new byte[resources.Count][];
        var ok = Guarded(diagnostics, () =>
        {
            // The disk has the time until the last piece is hashed.
            var flush = Task.Run(() => RandomAccess.FlushToDisk(Handle), CancellationToken.None);
            try
            {
                ReadPieces(threads, found, progress, cancellation);
            }
            finally
            {
                // The flush uses the file until it ends, whatever reading throws; its own fault is told below.
                Task.WaitAny([flush], CancellationToken.None);
            }

            flush.GetAwaiter().GetResult();
        });
        return ok ? [.. found.Select(Convert.ToHexStringLower)] : null;
    }

    /// <summary>Writes what lies before the data, flushes all to the disk and gives the file its name. False with diagnostics if that fails.</summary>
    /// <param name="recipe">How the file was made, of as many bytes of UTF-8 as that of the content.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public bool Commit(string recipe, DiagnosticBag diagnostics)
    {
        if (BimbLayout.Build(file.Path, content with { Recipe = recipe }, resources, hashes, diagnostics) is not { } tree)
            return false;
        if (tree.Total != total)
            throw new InvalidOperationException($"the file was laid out for {total} bytes, with its final recipe it has {tree.Total}");
        return Guarded(diagnostics, () => RandomAccess.Write(Handle, SpecEncoder.Encode(tree.Root), 0)) && file.Commit(diagnostics);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void ReadPieces(int threads, byte[][] found, IProgress<long>? progress, CancellationToken cancellation) =>
        BimbPieces.Hash(resources, threads, found, progress, (i, offset, count, buffer) =>
        {
            for (var done = 0; done < count;)
            {
                var read = RandomAccess.Read(Handle, buffer.AsSpan(done, count - done), offsets[i] + offset + done);
                if (read == 0)
                    throw new EndOfStreamException($"the file ends at byte {offsets[i] + offset + done} of {total}");
                done += read;
            }

            return buffer.AsSpan(0, count);
        }, cancellation);

    /// <summary>Does work on the file; an error of it is a diagnostic, whichever thread found it.</summary>
    private bool Guarded(DiagnosticBag diagnostics, Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception e) when (IsOfFile(e))
        {
            AtomicFile.ReportNotWritable(file.Path, e, diagnostics);
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => IsOfFile(inner) || inner is OperationCanceledException) && e.InnerExceptions.Any(IsOfFile))
        {
            AtomicFile.ReportNotWritable(file.Path, e.InnerExceptions.First(IsOfFile), diagnostics);
        }

        return false;
    }

    private static bool IsOfFile(Exception e) => e is IOException or UnauthorizedAccessException;
}
