using System.Buffers.Binary;

namespace BiMamba.Formats.TorchPickle.Pickle;

/// <summary>A position in the bytes of a pickle. Every read says whether the bytes were there.</summary>
internal ref struct PickleCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Bytes that were read.</summary>
    public int Position { get; private set; }

    /// <summary>True at the end.</summary>
    public readonly bool AtEnd => Position == bytes.Length;

    /// <summary>Takes some bytes.</summary>
    public bool TryTake(ulong count, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (count > (ulong)(bytes.Length - Position))
            return false;
        taken = bytes.Slice(Position, (int)count);
        Position += (int)count;
        return true;
    }

    /// <summary>Takes a line without its end.</summary>
    public bool TryLine(out ReadOnlySpan<byte> line)
    {
        line = default;
        var length = bytes[Position..].IndexOf((byte)'\n');
        if (length < 0)
            return false;
        line = bytes.Slice(Position, length);
        Position += length + 1;
        return true;
    }

    /// <summary>Takes a little-endian unsigned integer of 1, 2, 4 or 8 bytes.</summary>
    public bool TryUnsigned(int size, out ulong value)
    {
        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        wide.Clear();
        value = 0;
        if (!TryTake((ulong)size, out var taken))
            return false;
        taken.CopyTo(wide);
        value = BinaryPrimitives.ReadUInt64LittleEndian(wide);
        return true;
    }
}
