using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>How the elements of <see cref="StoredRows"/> are stored; all forms widen exactly to f32 but for code * scale.</summary>
public enum StoredElement
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>bfloat16, the upper half of a binary32.</summary>
    BF16,

    /// <summary>8-bit codes with group scales, see <see cref="QuantizedRows"/>.</summary>
    I8,

    /// <summary>4-bit codes with group scales, see <see cref="QuantizedRows"/>.</summary>
    I4,
}

/// <summary>
/// A read-only row-major matrix of weights as it lies in a file: contiguous rows, little-endian elements at any
/// alignment. <see cref="StoredRowProduct"/> multiplies it in place; <see cref="Widen"/> makes f32 of it.
/// </summary>
public readonly ref struct StoredRows
{
    private StoredRows(
        ReadOnlySpan<byte> elements, ReadOnlySpan<byte> scales, StoredElement element, int count, int width, int groupSize)
    {
        Elements = elements;
        Scales = scales;
        Element = element;
        Count = count;
        Width = width;
        GroupSize = groupSize;
        RowBytes = element switch
        {
            StoredElement.F32 => (long)width * sizeof(float),
            StoredElement.F16 or StoredElement.BF16 => (long)width * sizeof(ushort),
            StoredElement.I8 => QuantizedRows.RowBytes(width, 8),
            StoredElement.I4 => QuantizedRows.RowBytes(width, 4),
            _ => throw new ArgumentOutOfRangeException(nameof(element), element, "not a stored element"),
        };
        Guard.Equal(elements.Length, count * RowBytes);
    }

    /// <summary>The elements of all rows.</summary>
    public ReadOnlySpan<byte> Elements { get; }

    /// <summary>The scales of all rows, [count, groups] bf16, or nothing where elements are floats.</summary>
    public ReadOnlySpan<byte> Scales { get; }

    /// <summary>How an element is stored.</summary>
    public StoredElement Element { get; }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>The number of elements of a row.</summary>
    public int Width { get; }

    /// <summary>The columns that share a scale; at least the width where elements are floats.</summary>
    public int GroupSize { get; }

    /// <summary>The bytes of the elements of a row.</summary>
    internal long RowBytes { get; }

    /// <summary>The scales of a row.</summary>
    internal int Groups => Scales.IsEmpty ? 0 : QuantizedRows.Groups(Width, GroupSize);

    /// <summary>Views bytes as rows of floats.</summary>
    /// <param name="elements">The elements, [count, width].</param>
    /// <param name="element">One of the floating-point forms.</param>
    /// <exception cref="ArgumentException">The length does not fit, or elements are codes, which need scales.</exception>
    public static StoredRows Floats(ReadOnlySpan<byte> elements, StoredElement element, int count, int width)
    {
        if (element is StoredElement.I8 or StoredElement.I4)
            throw new ArgumentException("codes have scales", nameof(element));
        return new StoredRows(elements, default, element, count, width, Math.Max(width, 1));
    }

    /// <summary>Views bytes as rows of codes with scales.</summary>
    /// <param name="codes">The codes, [count, <see cref="QuantizedRows.RowBytes"/>].</param>
    /// <param name="scales">The scales, [count, <see cref="QuantizedRows.Groups"/>] bf16.</param>
    /// <param name="bits">8 or 4.</param>
    /// <param name="groupSize">The columns of a group, at least 1.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static StoredRows Codes(
        ReadOnlySpan<byte> codes, ReadOnlySpan<byte> scales, int bits, int groupSize, int count, int width)
    {
        Guard.AtLeast(groupSize, 1);
        Guard.Equal(scales.Length, (long)count * QuantizedRows.Groups(width, groupSize) * sizeof(ushort));
        var element = bits switch
        {
            8 => StoredElement.I8,
            4 => StoredElement.I4,
            _ => throw new ArgumentOutOfRangeException(nameof(bits), bits, "codes have 8 or 4 bits"),
        };
        return new StoredRows(codes, scales, element, count, width, groupSize);
    }

    /// <summary>Consecutive rows.</summary>
    public StoredRows Slice(int first, int count)
    {
        Guard.Range(first, count, Count);
        var scaleBytes = Groups * sizeof(ushort);
        return new StoredRows(
            Elements.Slice((int)(first * RowBytes), (int)(count * RowBytes)),
            Scales.Slice(first * scaleBytes, count * scaleBytes), Element, count, Width, GroupSize);
    }

    /// <summary>Writes all elements as f32.</summary>
    /// <param name="target">[count, width], not overlapping the rows.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void Widen(MutableRows target)
    {
        Guard.Equal(target.Count, Count);
        Guard.Equal(target.Width, Width);
        for (var row = 0; row < Count; row++)
            WidenRow(row, 0, target[row]);
    }

    /// <summary>Writes consecutive elements of a row as f32, from a column that is a multiple of 16.</summary>
    internal void WidenRow(int row, int column, Span<float> target)
    {
        ref var source = ref Unsafe.AddByteOffset(ref MemoryMarshal.GetReference(Elements), (nint)(row * RowBytes));
        switch (Element)
        {
            case StoredElement.F32:
                Elements.Slice((int)(row * RowBytes) + (column * sizeof(float)), target.Length * sizeof(float)).CopyTo(MemoryMarshal.AsBytes(target));
                break;
            case StoredElement.F16:
                Widen<HalfElements>(ref source, column, target);
                break;
            case StoredElement.BF16:
                Widen<BFloatElements>(ref source, column, target);
                break;
            default:
                WidenCodes(ref source, row, column, target);
                break;
        }
    }

    /// <summary>One element as f32.</summary>
    internal float Load(int row, int column)
    {
        ref var source = ref Unsafe.AddByteOffset(ref MemoryMarshal.GetReference(Elements), (nint)(row * RowBytes));
        return Element switch
        {
            StoredElement.F32 => SingleElements.Load(ref source, column, 1f),
            StoredElement.F16 => HalfElements.Load(ref source, column, 1f),
            StoredElement.BF16 => BFloatElements.Load(ref source, column, 1f),
            StoredElement.I8 => ByteElements.Load(ref source, column, Scale(row, column / GroupSize)),
            _ => NibbleElements.Load(ref source, column, Scale(row, column / GroupSize)),
        };
    }

    /// <summary>The scale of a group of a row; 1 where elements are floats.</summary>
    internal float Scale(int row, int group) =>
        Scales.IsEmpty ? 1f : QuantizedRows.Widen(MemoryMarshal.Read<ushort>(Scales[(((row * Groups) + group) * sizeof(ushort))..]));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen<T>(ref byte row, int column, Span<float> target)
        where T : struct, IStoredElements
    {
        ref var values = ref MemoryMarshal.GetReference(target);
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= target.Length - Lanes.Count; i += Lanes.Count)
            {
                var low = T.Load(ref row, column + i, 1f, out var high);
                low.StoreUnsafe(ref values, (nuint)i);
                high.StoreUnsafe(ref values, (nuint)i + 8);
            }
        }

        for (; i < target.Length; i++)
            target[i] = T.Load(ref row, column + i, 1f);
    }

    private void WidenCodes(ref byte source, int row, int column, Span<float> target)
    {
        var (bits, end) = (Element == StoredElement.I8 ? 8 : 4, column + target.Length);
        for (var first = column; first < end;)
        {
            var group = first / GroupSize;
            var next = (int)Math.Min(end, (group + 1L) * GroupSize);
            QuantizedRows.DequantizeGroup(ref source, bits, Scale(row, group), first, next, ref target[0], column);
            first = next;
        }
    }
}
