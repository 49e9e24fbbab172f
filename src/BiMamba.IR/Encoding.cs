using System.Collections.Immutable;
using BiMamba.Tensors;

namespace BiMamba.IR;

/// <summary>How the elements of a resource are stored. The first rows are the plain little-endian arrays of <see cref="ElementType"/>.</summary>
public enum Encoding
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>IEEE 754 binary64.</summary>
    F64,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>One signed byte a weight: -1, 0 or +1. Exists between passes, never in a file.</summary>
    Trit,

    /// <summary>One bit a weight, 1 means +1, in tiles of 16 rows by 32 columns.</summary>
    Sign1,

    /// <summary>One bit a weight, 1 means that the weight is exactly zero, in the tiles of <see cref="Sign1"/>.</summary>
    Mask1,

    /// <summary>Two's complement 4-bit codes, two a byte, low nibble first, rows padded to a whole byte.</summary>
    I4,

    /// <summary>Bit planes of unsigned codes, [bits, rows, columns]: plane k holds bit k of every code, in the tiles of <see cref="Sign1"/>.</summary>
    Bits1,
}

/// <summary>One row of the encoding table.</summary>
/// <param name="Encoding">The encoding.</param>
/// <param name="Name">The word in IR text and in the file's description.</param>
/// <param name="Element">The element type of a plain array, or null for a packed encoding.</param>
/// <param name="Summary">What an element is.</param>
public sealed record EncodingInfo(Encoding Encoding, string Name, ElementType? Element, string Summary);

/// <summary>The encoding table.</summary>
public static class Encodings
{
    /// <summary>Rows of a sign tile.</summary>
    public const int TileRows = 16;

    /// <summary>Columns of a sign tile.</summary>
    public const int TileColumns = 32;

    /// <summary>Bytes of a sign tile.</summary>
    public const int TileBytes = TileRows * TileColumns / 8;

    /// <summary>All rows, in the order of the enumeration.</summary>
    public static ImmutableArray<EncodingInfo> All { get; } =
    [
        .. ElementTypes.All.Select(row => new EncodingInfo((Encoding)row.Type, row.Name, row.Type, "plain little-endian array, row-major")),
        new(Encoding.Trit, "trit", ElementType.I8, "one byte a weight: -1, 0 or +1; never in a file"),
        new(Encoding.Sign1, "sign1", null, "one bit a weight, 1 is +1, tiles of 16 rows by 32 columns"),
        new(Encoding.Mask1, "mask1", null, "one bit a weight, 1 is an exact zero, tiles of 16 rows by 32 columns"),
        new(Encoding.I4, "i4", null, "4-bit codes, two a byte, low nibble first, rows padded to a byte"),
        new(Encoding.Bits1, "bits1", null, "bit planes of unsigned codes, lowest bit first, each in tiles of 16 rows by 32 columns"),
    ];

    /// <summary>The row of an encoding.</summary>
    public static EncodingInfo Info(this Encoding encoding) => All[(int)encoding];

    /// <summary>The word of an encoding.</summary>
    public static string Name(this Encoding encoding) => All[(int)encoding].Name;

    /// <summary>The plain encoding of an element type.</summary>
    public static Encoding Of(ElementType type) => (Encoding)type;

    /// <summary>True for the encodings whose elements are floating-point numbers.</summary>
    public static bool IsFloat(this Encoding encoding) => encoding.Info().Element?.Info().IsFloat ?? false;

    /// <summary>Dimensions that a resource of a packed encoding has.</summary>
    public static int PackedRank(this Encoding encoding) => encoding == Encoding.Bits1 ? 3 : 2;

    /// <summary>Bytes of all elements of a shape.</summary>
    /// <exception cref="OverflowException">The size does not fit 63 bits.</exception>
    public static long ByteLength(this Encoding encoding, Shape shape) => encoding switch
    {
        Encoding.Sign1 or Encoding.Mask1 => checked(
            Ceiling(Rows(shape), TileRows) * Ceiling(Columns(shape), TileColumns) * TileBytes),
        Encoding.Bits1 when shape.Rank == 3 => checked(shape[0] * ByteLength(Encoding.Sign1, Shape.Of(shape[1], shape[2]))),
        Encoding.Bits1 => throw new ArgumentException($"bit planes have rank 3, found {shape}", nameof(shape)),
        Encoding.I4 => checked(Rows(shape) * Ceiling(Columns(shape), 2)),
        _ => checked(shape.Count * encoding.Info().Element!.Value.Size()),
    };

    private static long Rows(Shape shape) => shape.Rank == 2 ? shape[0] : throw RankError(shape);

    private static long Columns(Shape shape) => shape.Rank == 2 ? shape[1] : throw RankError(shape);

    private static ArgumentException RankError(Shape shape) => new($"a packed encoding has rank 2, found {shape}", nameof(shape));

    private static long Ceiling(long value, long divisor) => checked(value + divisor - 1) / divisor;
}
