using System.Security.Cryptography;
using BiMamba.Tensors;

namespace BiMamba.IR.Tests;

/// <summary>Sizes of encodings, resources and their hashes.</summary>
public sealed class EncodingTests
{
    private static readonly Dictionary<Encoding, (long Small, long Odd)> Sizes = new()
    {
        // [1,1] and [37,50].
        [Encoding.F32] = (4, 7400),
        [Encoding.F16] = (2, 3700),
        [Encoding.BF16] = (2, 3700),
        [Encoding.F64] = (8, 14800),
        [Encoding.I8] = (1, 1850),
        [Encoding.I16] = (2, 3700),
        [Encoding.I32] = (4, 7400),
        [Encoding.I64] = (8, 14800),
        [Encoding.U8] = (1, 1850),
        [Encoding.U16] = (2, 3700),
        [Encoding.U32] = (4, 7400),
        [Encoding.U64] = (8, 14800),
        [Encoding.Bool] = (1, 1850),
        [Encoding.Trit] = (1, 1850),
        [Encoding.Sign1] = (64, 3 * 2 * 64),
        [Encoding.Mask1] = (64, 3 * 2 * 64),
        [Encoding.I4] = (1, 37 * 25),
    };

    public static TheoryData<Encoding> All => [.. Enum.GetValues<Encoding>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Byte_lengths(Encoding encoding)
    {
        if (encoding == Encoding.Bits1)
        {
            Assert.Equal(3 * Encoding.Sign1.ByteLength(Shape.Of(37, 50)), encoding.ByteLength(Shape.Of(3, 37, 50)));
            Assert.Throws<ArgumentException>(() => encoding.ByteLength(Shape.Of(37, 50)));
            return;
        }

        var (small, odd) = Sizes[encoding];
        Assert.Equal(small, encoding.ByteLength(Shape.Of(1, 1)));
        Assert.Equal(odd, encoding.ByteLength(Shape.Of(37, 50)));
        Assert.Equal(0, encoding.ByteLength(Shape.Of(0, 50)));
        Assert.Equal(encoding, encoding.Info().Encoding);
    }

    [Theory]
    [InlineData(16, 32, 64)]
    [InlineData(17, 32, 128)]
    [InlineData(16, 33, 128)]
    [InlineData(6448, 1536, 6448L * 1536 / 8)]
    public void Sign_tiles(long rows, long columns, long bytes) => Assert.Equal(bytes, Encoding.Sign1.ByteLength(Shape.Of(rows, columns)));

    [Theory]
    [InlineData(3, 4, 6)]
    [InlineData(3, 5, 9)]
    public void Nibbles_are_padded_by_row(long rows, long columns, long bytes) => Assert.Equal(bytes, Encoding.I4.ByteLength(Shape.Of(rows, columns)));

    [Fact]
    public void Sizes_beyond_63_bits_and_other_ranks_are_refused()
    {
        Assert.Throws<OverflowException>(() => Encoding.F32.ByteLength(Shape.Of(1L << 31, 1L << 31)));
        Assert.Throws<OverflowException>(() => Encoding.Sign1.ByteLength(Shape.Of(long.MaxValue, 1)));
        Assert.Throws<ArgumentException>(() => Encoding.Sign1.ByteLength(Shape.Of(4)));
        Assert.Throws<ArgumentException>(() => Encoding.I4.ByteLength(Shape.Of(4, 4, 4)));
        Assert.Throws<ArgumentException>(() => new Resource("x", Encoding.Sign1, Shape.Of(16, 33), new MemoryTensor(new byte[64], ElementType.U8, Shape.Of(64))));
    }

    [Fact]
    public void Floating_point_encodings() => Assert.Equal(
        [Encoding.F32, Encoding.F16, Encoding.BF16, Encoding.F64],
        Enum.GetValues<Encoding>().Where(encoding => encoding.IsFloat()));

    [Fact]
    public void Words_are_unique() =>
        Assert.Equal(Encodings.All.Length, Encodings.All.Select(row => row.Name).Distinct(StringComparer.Ordinal).Count());

    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Hashes_are_those_of_FIPS_180(string text, string expected)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(text);
        var tensor = new MemoryTensor(bytes, ElementType.U8, Shape.Of(bytes.Length));
        Assert.Equal(expected, TensorHash.Sha256(tensor));
        Assert.Equal(expected, TensorHash.Sha256(new PiecewiseTensor(bytes)));
        Assert.Equal(expected, new Resource("x", tensor).Sha256);
        Assert.Equal(expected, new Resource("x", tensor).Renamed("y").Sha256);
    }

    [Fact]
    public void A_million_letters_hash_as_in_FIPS_180()
    {
        var bytes = new byte[1_000_000];
        bytes.AsSpan().Fill((byte)'a');
        Assert.Equal("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", TensorHash.Sha256(new PiecewiseTensor(bytes)));
    }

    [Theory]
    [InlineData((1 << 20) - 1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData((3 << 20) + 5)]
    public void Hashes_do_not_depend_on_pieces(int length)
    {
        var bytes = new byte[length];
        var numbers = new Numbers(length);
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)numbers.Bits();
        var expected = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Assert.Equal(expected, TensorHash.Sha256(new MemoryTensor(bytes, ElementType.U8, Shape.Of(length))));
        Assert.Equal(expected, TensorHash.Sha256(new PiecewiseTensor(bytes)));
    }

    [Fact]
    public void A_known_hash_is_not_computed() =>
        Assert.Equal("abc", new Resource("x", Encoding.U8, Shape.Of(1), new MemoryTensor(new byte[1], ElementType.U8, Shape.Of(1)), "abc").Sha256);

    /// <summary>A tensor that has no span.</summary>
    private sealed class PiecewiseTensor(byte[] bytes) : Tensor(ElementType.U8, Shape.Of(bytes.Length))
    {
        public override void Read(long offset, Span<byte> destination)
        {
            CheckRange(offset, destination.Length);
            bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        }
    }
}
