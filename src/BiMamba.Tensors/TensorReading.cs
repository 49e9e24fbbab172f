using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Tensors;

/// <summary>Reads elements of floating-point tensors as 32-bit floats.</summary>
public static class TensorReading
{
    private const int ChunkBytes = 1 << 16;

    /// <summary>
    /// Reads elements from an index as floats. F16 and BF16 are exact; F64 is rounded to nearest even.
    /// </summary>
    /// <param name="tensor">The tensor, of a floating-point type.</param>
    /// <param name="index">Index of the first element, in row-major order.</param>
    /// <param name="destination">Receives as many elements as it is long.</param>
    /// <exception cref="InvalidOperationException">The tensor is not of a floating-point type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The elements are not all inside the tensor.</exception>
    /// <exception cref="InputChangedException">A file from which they are read does not have them any more.</exception>
    public static void ReadSingles(this Tensor tensor, long index, Span<float> destination)
    {
        var size = tensor.Type.Size();
        if (tensor.Type == ElementType.F32)
        {
            tensor.Read(index * size, MemoryMarshal.AsBytes(destination));
            return;
        }

        byte[]? rented = null;
        while (destination.Length > 0)
        {
            var count = Math.Min(destination.Length, ChunkBytes / size);
            if (!TryGetMemory(tensor, index * size, count * size, out var bytes))
            {
                rented ??= ArrayPool<byte>.Shared.Rent(ChunkBytes);
                tensor.Read(index * size, rented.AsSpan(0, count * size));
                bytes = rented.AsSpan(0, count * size);
            }

            ConvertToSingle(tensor.Type, bytes, destination[..count]);
            destination = destination[count..];
            index += count;
        }

        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>All elements as floats, row-major.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not of a floating-point type.</exception>
    /// <exception cref="OverflowException">There are more elements than an array holds.</exception>
    public static float[] ToSingles(this Tensor tensor)
    {
        var values = new float[checked((int)tensor.Shape.Count)];
        tensor.ReadSingles(0, values);
        return values;
    }

    /// <summary>The bytes of a range, where they lie if they lie in one piece in memory, else copied to a buffer.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes.</param>
    /// <param name="buffer">The buffer of the caller, replaced by a larger one where it is needed and too short.</param>
    public static ReadOnlySpan<byte> View(this Tensor tensor, long offset, int length, scoped ref byte[] buffer)
    {
        if (TryGetMemory(tensor, offset, length, out var span))
            return span;
        if (buffer.Length < length)
            buffer = GC.AllocateUninitializedArray<byte>(length);
        tensor.Read(offset, buffer.AsSpan(0, length));
        return buffer.AsSpan(0, length);
    }

    /// <summary>All bytes.</summary>
    /// <exception cref="OverflowException">There are more bytes than an array holds.</exception>
    public static byte[] ToBytes(this Tensor tensor)
    {
        var bytes = new byte[checked((int)tensor.ByteLength)];
        tensor.Read(0, bytes);
        return bytes;
    }

    /// <summary>True if both tensors have the same type, shape and bytes.</summary>
    public static bool ContentEquals(this Tensor tensor, Tensor other)
    {
        if (tensor.Type != other.Type || !tensor.Shape.Equals(other.Shape))
            return false;
        if (tensor.IsSameStorage(other))
            return true;
        var left = new byte[ChunkBytes];
        var right = new byte[ChunkBytes];
        for (long offset = 0; offset < tensor.ByteLength; offset += ChunkBytes)
        {
            var count = (int)Math.Min(ChunkBytes, tensor.ByteLength - offset);
            tensor.Read(offset, left.AsSpan(0, count));
            other.Read(offset, right.AsSpan(0, count));
            if (!left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count)))
                return false;
        }

        return true;
    }

    /// <summary>Converts little-endian elements of a floating-point type to floats; both spans hold the same count.</summary>
    /// <param name="type">The type of the source.</param>
    /// <param name="source">The bytes of the elements.</param>
    /// <param name="destination">Receives an element each.</param>
    /// <exception cref="InvalidOperationException">The type is not a floating-point one.</exception>
    public static void ConvertToSingle(ElementType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case ElementType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case ElementType.F16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination);
                break;
            case ElementType.BF16:
                WidenBFloat16(MemoryMarshal.Cast<byte, ushort>(source), MemoryMarshal.Cast<float, uint>(destination));
                break;
            case ElementType.F64:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, double>(source), destination);
                break;
            default:
                throw new InvalidOperationException($"{type.Name()} is not a floating-point type");
        }
    }

    /// <summary>The bytes of a range where they lie in memory, which no other process can take away.</summary>
    private static bool TryGetMemory(Tensor tensor, long offset, int length, out ReadOnlySpan<byte> span)
    {
        span = default;
        return tensor.Files.IsEmpty && tensor.TryGetSpan(offset, length, out span);
    }

    private static void WidenBFloat16(ReadOnlySpan<ushort> source, Span<uint> destination)
    {
        var i = 0;
        for (; i <= source.Length - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
        {
            var (lower, upper) = Vector512.Widen(Vector512.Create(source[i..]));
            (lower << 16).CopyTo(destination[i..]);
            (upper << 16).CopyTo(destination[(i + Vector512<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
            destination[i] = (uint)source[i] << 16;
    }
}
