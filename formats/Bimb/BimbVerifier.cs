using System.Buffers;
using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Formats.Bimb;

/// <summary>Reads the whole data region of an open file: hashes of the tensors, zero padding between and inside them.</summary>
public static class BimbVerifier
{
    private const int PieceBytes = 1 << 20;

    /// <summary>
    /// True where every tensor has its SHA-256, every byte between tensors is zero and packed tensors have zero padding.
    /// Every error goes to the bag, in the order of the file. Runs on all processors.
    /// </summary>
    /// <param name="file">The open file.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="progress">Receives the bytes that are verified.</param>
    /// <param name="cancellation">Cancels between pieces.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="Tensors.InputChangedException">The file is not what it was when it was opened.</exception>
    public static bool VerifyHashes(BimbFile file, DiagnosticBag diagnostics, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        long done = 0;
        var result = Verify(file, row => Hash(file, row, bytes => progress?.Report(Interlocked.Add(ref done, bytes)), cancellation), diagnostics, cancellation);
        file.Map.ThrowIfChanged();
        return result;
    }

    /// <summary>As the other form, with hashes that <see cref="BimbOutput.ReadBack"/> has found in the bytes of this file; reads little else.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="readBack">Lower-case hexadecimal SHA-256 of all tensors, in the order of the file.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public static bool VerifyHashes(BimbFile file, IReadOnlyList<string> readBack, DiagnosticBag diagnostics)
    {
        var byName = file.Rows.Zip(readBack).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        return Verify(file, row => byName[row.Name], diagnostics, CancellationToken.None);
    }

    private static bool Verify(BimbFile file, Func<BimbTensor, string> hash, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var bags = new DiagnosticBag[file.Rows.Count];
        var options = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, file.Rows.Count, options, i =>
        {
            bags[i] = new DiagnosticBag();
            VerifyTensor(file, i, hash(file.Rows[i]), bags[i]);
        });
        var failed = false;
        foreach (var bag in bags)
        {
            failed |= bag.HasErrors;
            diagnostics.AddRange(bag);
        }

        return VerifyIndices(file, diagnostics) && !failed;
    }

    /// <summary>
    /// True where the few tensors by which kernels find other numbers are right: lists of exact zeros, and the padding of
    /// bitmaps. Reads those alone; a file whose hashes are not checked is checked so before it is run.
    /// </summary>
    public static bool VerifyIndices(BimbFile file, DiagnosticBag diagnostics)
    {
        var own = new DiagnosticBag();
        foreach (var mask in file.Rows.Where(row => row.Encoding == IR.Encoding.Mask1))
            BimbPadding.Verify(file, mask, own);
        BimbZeros.Verify(file, own);
        BimbOrders.Verify(file, own);
        diagnostics.AddRange(own);
        return !own.HasErrors;
    }

    private static string Hash(BimbFile file, BimbTensor tensor, Action<long> progress, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        for (long offset = 0; offset < tensor.Size; offset += PieceBytes)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = (int)Math.Min(PieceBytes, tensor.Size - offset);
            file.Map.Read(tensor.Offset + offset, piece.AsSpan(0, count));
            hash.AppendData(piece.AsSpan(0, count));
            progress(count);
        }

        ArrayPool<byte>.Shared.Return(piece);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void VerifyTensor(BimbFile file, int index, string actual, DiagnosticBag diagnostics)
    {
        var tensor = file.Rows[index];
        if (actual != tensor.Sha256)
        {
            diagnostics.Add(BimbDiagnostics.TensorHash, $"expected SHA-256 {tensor.Sha256}, found {actual} of {tensor.Size} bytes",
                new Place(file.Path, tensor.Name, Offset: tensor.Offset), "the file was changed after it was written: copy or convert it again");
        }

        VerifyGap(file, index, diagnostics);
        if (tensor.Encoding != IR.Encoding.Mask1)
            BimbPadding.Verify(file, tensor, diagnostics);
    }

    private static void VerifyGap(BimbFile file, int index, DiagnosticBag diagnostics)
    {
        var start = file.Rows[index].Offset + file.Rows[index].Size;
        var end = index + 1 < file.Rows.Count ? file.Rows[index + 1].Offset : file.Map.Length;
        var gap = new byte[(int)(end - start)];
        file.Map.Read(start, gap);
        var bad = gap.AsSpan().IndexOfAnyExcept((byte)0);
        if (bad >= 0)
        {
            diagnostics.Add(BimbDiagnostics.Padding, $"expected zero bytes behind the tensor, found 0x{gap[bad]:X2}",
                new Place(file.Path, file.Rows[index].Name, Offset: start + bad), "convert the checkpoint again");
        }
    }
}
