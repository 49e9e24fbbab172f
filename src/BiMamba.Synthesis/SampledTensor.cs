using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using BiMamba.Tensors;

namespace BiMamba.Synthesis;

/// <summary>
/// A tensor of independent random elements that are computed as they are read. Element i depends on seed, name and i
/// alone, so that pieces can be read in any order by any thread.
/// </summary>
/// <typeparam name="T">An integer of the size of an element, which holds its bits.</typeparam>
/// <remarks>
/// Elements 4k to 4k + 3 take the 16-bit parts, lowest first, of output k of SplitMix64 (Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", 2014), which is a function of its counter. The start of the counter
/// are the first eight bytes of the SHA-256 of the seed and the name.
/// </remarks>
internal sealed class SampledTensor<T> : Tensor
    where T : unmanaged
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private const int PerWord = 4;

    private readonly T[] values;
    private readonly ulong start;

    /// <summary>A tensor whose elements are drawn from the values of a distribution.</summary>
    /// <param name="values">The bits of <see cref="Distribution.Points"/> values in the element type; not changed any more.</param>
    /// <param name="seed">The seed of the checkpoint.</param>
    /// <param name="name">The name of the tensor.</param>
    /// <param name="type">The element type.</param>
    /// <param name="shape">The shape.</param>
    public SampledTensor(T[] values, ulong seed, string name, ElementType type, Shape shape)
        : base(type, shape)
    {
        if (values.Length != Distribution.Points || Unsafe.SizeOf<T>() != type.Size())
            throw new ArgumentException($"expected {Distribution.Points} values of {type.Size()} bytes, found {values.Length} of {Unsafe.SizeOf<T>()}", nameof(values));
        this.values = values;
        start = Start(seed, name);
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        var size = Unsafe.SizeOf<T>();
        var (index, skip) = Math.DivRem(offset, size);
        if (skip != 0)
        {
            var count = Math.Min(size - (int)skip, destination.Length);
            ReadPart(index++, (int)skip, destination[..count]);
            destination = destination[count..];
        }

        var whole = destination.Length / size * size;
        Fill(index, MemoryMarshal.Cast<byte, T>(destination[..whole]));
        if (whole < destination.Length)
            ReadPart(index + (whole / size), 0, destination[whole..]);
    }

    private static ulong Start(ulong seed, string name)
    {
        var text = new byte[sizeof(ulong) + Encoding.UTF8.GetByteCount(name)];
        BinaryPrimitives.WriteUInt64LittleEndian(text, seed);
        Encoding.UTF8.GetBytes(name, text.AsSpan(sizeof(ulong)));
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(text));
    }

    private void ReadPart(long index, int skip, Span<byte> destination)
    {
        T element = default;
        Fill(index, new Span<T>(ref element));
        MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in element)).Slice(skip, destination.Length).CopyTo(destination);
    }

    private void Fill(long first, Span<T> destination)
    {
        // A 16-bit index is inside the 65,536 values, which the constructor has checked; the compiler does not see it.
        ref var table = ref MemoryMarshal.GetArrayDataReference(values);
        var i = 0;
        while (i < destination.Length && (first + i) % PerWord != 0)
            destination[i] = Element(first + i++);
        var counter = start + ((ulong)(first + i) / PerWord * Gamma);
        for (; i <= destination.Length - PerWord; i += PerWord)
        {
            counter += Gamma;
            var word = Mix(counter);
            var four = destination.Slice(i, PerWord);
            four[0] = Unsafe.Add(ref table, (nint)(ushort)word);
            four[1] = Unsafe.Add(ref table, (nint)(ushort)(word >> 16));
            four[2] = Unsafe.Add(ref table, (nint)(ushort)(word >> 32));
            four[3] = Unsafe.Add(ref table, (nint)(word >> 48));
        }

        for (; i < destination.Length; i++)
            destination[i] = Element(first + i);
    }

    private T Element(long index)
    {
        var word = Mix(start + ((ulong)((index / PerWord) + 1) * Gamma));
        return values[(ushort)(word >> (16 * (int)(index % PerWord)))];
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
