using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>A floating-point tensor as fp32, fp16 or bf16, rounded to nearest even as it is read. Holds no copy.</summary>
/// <remarks>fp64 is rounded to fp32 first, as everything that reads weights does.</remarks>
public sealed class CastTensor : Tensor
{
    private const int ChunkElements = 4096;
    private readonly Tensor source;

    /// <summary>A view of a tensor in another floating-point type.</summary>
    /// <exception cref="ArgumentException">The type is none of the three.</exception>
    public CastTensor(Tensor source, ElementType type)
        : base(type, source.Shape, source)
    {
        if (type is not (ElementType.F32 or ElementType.F16 or ElementType.BF16))
            throw new ArgumentException($"expected f32, f16 or bf16, found {type.Name()}", nameof(type));
        this.source = source;
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        var size = Type.Size();
        Span<float> values = stackalloc float[ChunkElements];
        Span<byte> rounded = stackalloc byte[ChunkElements * sizeof(float)];
        while (destination.Length > 0)
        {
            var (first, skip) = Math.DivRem(offset, size);
            var count = (int)Math.Min(Math.Min(ChunkElements, Shape.Count - first), (destination.Length + skip + size - 1) / size);
            source.ReadSingles(first, values[..count]);
            Round(Type, values[..count], rounded);
            var bytes = rounded[(int)skip..Math.Min(count * size, (int)skip + destination.Length)];
            bytes.CopyTo(destination);
            destination = destination[bytes.Length..];
            offset += bytes.Length;
        }
    }

    /// <inheritdoc/>
    public override bool IsSameStorage(Tensor other) => other is CastTensor cast && cast.Type == Type && cast.source.IsSameStorage(source);

    /// <summary>Numbers rounded to a type and back.</summary>
    public static void RoundTrip(ElementType type, ReadOnlySpan<float> values, Span<float> rounded)
    {
        Span<byte> bytes = stackalloc byte[ChunkElements * sizeof(float)];
        for (var first = 0; first < values.Length; first += ChunkElements)
        {
            var chunk = values.Slice(first, Math.Min(ChunkElements, values.Length - first));
            Round(type, chunk, bytes);
            TensorReading.ConvertToSingle(type, bytes[..(chunk.Length * type.Size())], rounded.Slice(first, chunk.Length));
        }
    }

    private static void Round(ElementType type, ReadOnlySpan<float> values, Span<byte> destination)
    {
        switch (type)
        {
            case ElementType.F16:
                System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(destination));
                break;
            case ElementType.BF16:
                BFloat16(values, MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            default:
                MemoryMarshal.AsBytes(values).CopyTo(destination);
                break;
        }
    }

    private static void BFloat16(ReadOnlySpan<float> values, Span<ushort> words)
    {
        var i = 0;
        for (; i <= values.Length - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
            Vector512.Narrow(BFloat16(Vector512.Create(values[i..])), BFloat16(Vector512.Create(values[(i + Vector512<float>.Count)..]))).CopyTo(words[i..]);
        for (; i < values.Length; i++)
            words[i] = BFloat16(values[i]);
    }

    /// <summary>As the scalar form, in the lower half of each lane.</summary>
    private static Vector512<uint> BFloat16(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
        return Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, (bits >> 16) | Vector512.Create(0x40u));
    }

    /// <summary>The upper half of the bits, rounded to nearest even. A NaN stays one: its highest fraction bit is set.</summary>
    private static ushort BFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
