using System.Collections.Immutable;

namespace BiMamba.Formats.Gguf;

/// <summary>Encodes whole blocks of a row.</summary>
/// <param name="source">The elements of one or more blocks, finite.</param>
/// <param name="destination">The bytes of the same blocks, one behind the other, little-endian.</param>
public delegate void BlockEncoder(ReadOnlySpan<float> source, Span<byte> destination);

/// <summary>One row of the table of element types that can be written.</summary>
/// <param name="Name">The name as in <c>formats/gguf.spec</c>.</param>
/// <param name="Number">The number in the table of tensors.</param>
/// <param name="FileType">The number of a file whose large tensors are of this type, under <c>general.file_type</c>.</param>
/// <param name="BlockElements">Elements of a block; a row is a whole number of blocks.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="Encode">What makes the bytes of blocks.</param>
/// <remarks>Source: ggml.h, ggml-common.h and llama.h of llama.cpp.</remarks>
public sealed record GgmlType(string Name, uint Number, uint FileType, int BlockElements, int BlockBytes, BlockEncoder Encode)
{
    /// <summary>IEEE 754 binary32.</summary>
    public static readonly GgmlType F32 = new("f32", 0, 0, 1, 4, FloatBlocks.EncodeF32);

    /// <summary>IEEE 754 binary16.</summary>
    public static readonly GgmlType F16 = new("f16", 1, 1, 1, 2, FloatBlocks.EncodeF16);

    /// <summary>4-bit codes with a binary16 scale for 32 elements.</summary>
    public static readonly GgmlType Q4 = new("q4_0", 2, 2, IntegerBlocks.Elements, 18, IntegerBlocks.EncodeQ4);

    /// <summary>8-bit codes with a binary16 scale for 32 elements.</summary>
    public static readonly GgmlType Q8 = new("q8_0", 8, 7, IntegerBlocks.Elements, 34, IntegerBlocks.EncodeQ8);

    /// <summary>The upper half of binary32.</summary>
    public static readonly GgmlType BF16 = new("bf16", 30, 32, 1, 2, FloatBlocks.EncodeBF16);

    /// <summary>Ternary, five elements a byte, with a binary16 scale for 256 elements.</summary>
    public static readonly GgmlType TQ1 = new("tq1_0", 34, 36, TernaryBlocks.Elements, 54, TernaryBlocks.EncodeDigits);

    /// <summary>Ternary, four elements a byte, with a binary16 scale for 256 elements.</summary>
    public static readonly GgmlType TQ2 = new("tq2_0", 35, 37, TernaryBlocks.Elements, 66, TernaryBlocks.Encode);

    /// <summary>One bit an element, with a binary16 scale for 128 elements.</summary>
    public static readonly GgmlType Q1 = new("q1_0", 41, 40, SignBlocks.Elements, 18, SignBlocks.Encode);

    /// <summary>All rows, by number.</summary>
    public static ImmutableArray<GgmlType> All { get; } = [F32, F16, Q4, Q8, BF16, TQ1, TQ2, Q1];

    /// <summary>The row of a name, or null.</summary>
    public static GgmlType? Find(string name) => All.FirstOrDefault(row => row.Name == name);

    /// <summary>Bytes of a number of elements, which is a multiple of <see cref="BlockElements"/>.</summary>
    public long BytesOf(long elements) => checked(elements / BlockElements * BlockBytes);
}
