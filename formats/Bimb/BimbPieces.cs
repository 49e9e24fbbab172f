using System.Security.Cryptography;
using BiMamba.IR;

namespace BiMamba.Formats.Bimb;

/// <summary>Takes tensors in pieces, which are hashed while they are in the cache of a core.</summary>
internal static class BimbPieces
{
    private const int PieceBytes = 1 << 18;

    /// <summary>Work on a piece of a tensor, with a buffer of its size; gives the bytes to hash.</summary>
    internal delegate ReadOnlySpan<byte> Work(int tensor, long offset, int count, byte[] buffer);

    /// <summary>Takes all tensors, each by one thread from its first to its last byte.</summary>
    /// <param name="resources">The tensors.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="hashes">Receives the SHA-256 of each.</param>
    /// <param name="progress">Receives the bytes that are done, from any thread.</param>
    /// <param name="work">What is done with a piece.</param>
    /// <param name="cancellation">Cancels between pieces.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal static void Hash(IReadOnlyList<Resource> resources, int threads, byte[][] hashes, IProgress<long>? progress, Work work, CancellationToken cancellation)
    {
        long done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, resources.Count, options, () => GC.AllocateUninitializedArray<byte>(PieceBytes), (i, _, buffer) =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var size = resources[i].Data.ByteLength;
            for (long offset = 0; offset < size; offset += PieceBytes)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = (int)Math.Min(PieceBytes, size - offset);
                hash.AppendData(work(i, offset, count, buffer));
                progress?.Report(Interlocked.Add(ref done, count));
            }

            hashes[i] = hash.GetHashAndReset();
            return buffer;
        }, _ => { });
    }
}
