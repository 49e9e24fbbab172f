using System.Security.Cryptography;
using BiMamba.Tensors;

namespace BiMamba.IR;

/// <summary>Content hashes of tensors.</summary>
public static class TensorHash
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Lower-case hexadecimal SHA-256 of a tensor's bytes, read in pieces.</summary>
    public static string Sha256(Tensor tensor)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[]? buffer = null;
        for (long offset = 0; offset < tensor.ByteLength; offset += ChunkBytes)
        {
            var count = (int)Math.Min(ChunkBytes, tensor.ByteLength - offset);
            if (!tensor.TryGetSpan(offset, count, out var span))
            {
                buffer ??= new byte[ChunkBytes];
                tensor.Read(offset, buffer.AsSpan(0, count));
                span = buffer.AsSpan(0, count);
            }

            hash.AppendData(span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
