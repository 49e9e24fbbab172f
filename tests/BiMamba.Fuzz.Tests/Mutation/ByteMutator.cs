using System.Buffers.Binary;
using BiMamba.Fuzz.Tests.Harness;

namespace BiMamba.Fuzz.Tests.Mutation;

/// <summary>Where an integer lies in a seed.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Size">Its bytes: 1, 2, 4 or 8.</param>
internal readonly record struct FieldSpan(int Offset, int Size);

/// <summary>Changes bytes: bits, integers, spans and the end of the file.</summary>
internal static class ByteMutator
{
    /// <summary>Numbers at which something changes: signs, widths, and what is next to them.</summary>
    private static readonly ulong[] Boundaries =
    [
        0, 1, 2, 7, 8, 9, 63, 64, 127, 128, 255, 256, 4095, 4096, 32767, 32768, 65535, 65536, (1 << 24) + 1, 0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x100000000,
        1UL << 40, (1UL << 53) + 1, 0x7FFFFFFFFFFFFFF8, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFF8, 0xFFFFFFFFFFFFFFFF,
    ];

    /// <summary>An integer that is hard on a parser.</summary>
    public static ulong Boundary(FuzzRandom random) => random.Pick(Boundaries);

    /// <summary>A copy of a seed with one to four changes.</summary>
    /// <param name="random">The numbers of the case.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="fields">Integers whose places are known.</param>
    /// <param name="others">Seeds from which spans can come.</param>
    public static byte[] Mutate(FuzzRandom random, byte[] seed, IReadOnlyList<FieldSpan> fields, IReadOnlyList<byte[]> others)
    {
        var bytes = seed.ToArray();
        for (var count = random.Length(4); count > 0; count--)
            bytes = Change(random, bytes, fields, others);
        return bytes;
    }

    private static byte[] Change(FuzzRandom random, byte[] bytes, IReadOnlyList<FieldSpan> fields, IReadOnlyList<byte[]> others)
    {
        if (bytes.Length == 0)
            return [(byte)random.Bits()];
        if (fields.Count > 0 && random.OneIn(2))
            return SetField(random, bytes, random.Pick(fields));
        var at = random.Below(bytes.Length);
        var length = random.Length(bytes.Length - at);
        switch (random.Below(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Below(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Bits();
                return bytes;
            case 2:
                bytes[at] = random.OneIn(2) ? (byte)0 : (byte)255;
                return bytes;
            case 3:
                return SetField(random, bytes, new FieldSpan(at, 1 << random.Below(4)));
            case 4:
                return bytes[..at];
            case 5:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 6:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 7:
                return Swap(random, bytes, at, length);
            default:
                var other = random.Pick(others);
                var from = other.Length == 0 ? 0 : random.Below(other.Length);
                return [.. bytes[..at], .. other[from..(from + random.Length(other.Length - from))], .. bytes[at..]];
        }
    }

    private static byte[] Swap(FuzzRandom random, byte[] bytes, int at, int length)
    {
        if (at + (2 * length) > bytes.Length)
            return [.. bytes[at..], .. bytes[..at]];
        var second = random.Between(at + length, bytes.Length - length);
        return [.. bytes[..at], .. bytes[second..(second + length)], .. bytes[(at + length)..second], .. bytes[at..(at + length)], .. bytes[(second + length)..]];
    }

    private static byte[] SetField(FuzzRandom random, byte[] bytes, FieldSpan field)
    {
        if (field.Offset + field.Size > bytes.Length)
            return bytes;
        Span<byte> value = stackalloc byte[8];
        var target = bytes.AsSpan(field.Offset, field.Size);
        target.CopyTo(value);
        var old = BinaryPrimitives.ReadUInt64LittleEndian(value);
        var changed = random.Below(4) switch
        {
            0 => old + 1,
            1 => old - 1,
            2 => random.OneIn(2) ? old * 2 : old ^ (1UL << random.Below(8 * field.Size)),
            _ => Boundary(random),
        };
        BinaryPrimitives.WriteUInt64LittleEndian(value, changed);
        value[..field.Size].CopyTo(target);
        return bytes;
    }
}
