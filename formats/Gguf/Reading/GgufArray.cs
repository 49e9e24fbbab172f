using System.Buffers.Binary;
using System.Collections;
using System.Collections.Immutable;
using System.Text;
using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf;

/// <summary>
/// The elements of an array of the metadata. Those of a file stay where they are mapped: an element is made when it is
/// asked for, and none can be after the file was closed.
/// </summary>
public abstract class GgufArray : IReadOnlyList<GgufValue>
{
    private GgufArray(GgufValueType itemType, int count)
    {
        ItemType = itemType;
        Count = count;
    }

    /// <summary>The type of every element.</summary>
    public GgufValueType ItemType { get; }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public abstract GgufValue this[int index] { get; }

    /// <inheritdoc/>
    public IEnumerator<GgufValue> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Bytes of an element of a type of fixed size, or 0 for strings and arrays.</summary>
    internal static int SizeOf(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };

    /// <summary>A value of a type of fixed size from its bytes.</summary>
    internal static GgufValue Scalar(GgufValueType type, ReadOnlySpan<byte> bytes) => type switch
    {
        GgufValueType.UInt8 => bytes[0],
        GgufValueType.Int8 => (sbyte)bytes[0],
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        GgufValueType.Bool => bytes[0] != 0,
        GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        _ => throw new InvalidOperationException($"{type} has no fixed size"),
    };

    /// <summary>Elements in memory.</summary>
    internal sealed class Held(GgufValueType itemType, ImmutableArray<GgufValue> items) : GgufArray(itemType, items.Length)
    {
        /// <inheritdoc/>
        public override GgufValue this[int index] => items[index];
    }

    /// <summary>Elements of a fixed size in a file.</summary>
    internal sealed class Scalars(FileMap map, long offset, GgufValueType itemType, int count) : GgufArray(itemType, count)
    {
        /// <inheritdoc/>
        public override GgufValue this[int index]
        {
            get
            {
                ArgumentOutOfRangeException.ThrowIfNegative(index);
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
                var size = SizeOf(ItemType);
                Span<byte> bytes = stackalloc byte[sizeof(ulong)];
                map.Read(offset + ((long)index * size), bytes[..size]);
                return Scalar(ItemType, bytes[..size]);
            }
        }
    }

    /// <summary>Strings in a file, whose lengths have been checked and whose bytes are UTF-8.</summary>
    /// <param name="map">The file.</param>
    /// <param name="offsets">Where the length of each string stands.</param>
    internal sealed class Texts(FileMap map, long[] offsets) : GgufArray(GgufValueType.String, offsets.Length)
    {
        /// <inheritdoc/>
        public override GgufValue this[int index]
        {
            get
            {
                Span<byte> length = stackalloc byte[sizeof(ulong)];
                map.Read(offsets[index], length);
                return Encoding.UTF8.GetString(map.Copy(offsets[index] + sizeof(ulong), (int)BinaryPrimitives.ReadUInt64LittleEndian(length)));
            }
        }
    }
}
