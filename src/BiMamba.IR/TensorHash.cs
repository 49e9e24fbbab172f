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
        byte[] buffer = [];
        for (long offset = 0; offset < tensor.ByteLength; offset += ChunkBytes)
        {
            var count = (int)Math.Min(ChunkBytes, tensor.ByteLength - offset);
            hash.AppendData(tensor.View(offset, count, ref buffer));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
