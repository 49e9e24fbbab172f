namespace BiMamba.Kernels.Tests;

public class SignTilesTests
{
    [Theory]
    [InlineData(1, 1, 64)]
    [InlineData(16, 32, 64)]
    [InlineData(17, 32, 128)]
    [InlineData(16, 33, 128)]
    [InlineData(10576, 2560, 10576L * 2560 / 8)]
    [InlineData(0, 7, 0)]
    public void Byte_length_pads_rows_and_columns(int rows, int columns, long expected) =>
        Assert.Equal(expected, SignTiles.ByteLength(rows, columns));

    [Fact]
    public void Words_are_little_endian_and_nibble_j_is_columns_4j_on()
    {
        var signs = new sbyte[2 * 33];
        Array.Fill(signs, (sbyte)-1);
        signs[33 + 4] = 1;
        signs[33 + 15] = 1;
        signs[32] = 1;
        var tiles = new byte[SignTiles.BlockBytes(33)];
        Assert.Equal(0, SignTiles.PackBlock(signs, 2, 33, tiles, []));
        var expected = new byte[128];
        expected[4] = 0x10;
        expected[5] = 0x80;
        expected[64] = 0x01;
        Assert.Equal(expected, tiles);
        Assert.Equal((5L, 7), SignTiles.Locate(1, 15, 33));
        Assert.Equal((64L, 0), SignTiles.Locate(0, 32, 33));
        Assert.Equal((128L + 64 + 8, 0), SignTiles.Locate(18, 32, 33));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 31)]
    [InlineData(16, 32)]
    [InlineData(15, 33)]
    [InlineData(16, 97)]
    public void Signs_come_back_and_zeros_are_reported_in_order(int rows, int columns)
    {
        var signs = Numbers.Signs(rows * columns, 7, zeroOneIn: 5);
        var expected = Enumerable.Range(0, signs.Length).Where(i => signs[i] == 0).ToArray();
        var tiles = new byte[SignTiles.BlockBytes(columns)];
        var zeros = new int[signs.Length];
        var count = SignTiles.PackBlock(signs, rows, columns, tiles, zeros);
        Assert.Equal(expected, zeros[..count]);

        var unpacked = new sbyte[signs.Length];
        SignTiles.UnpackBlock(tiles, rows, columns, unpacked);
        Assert.Equal(signs.Select(s => s == 0 ? (sbyte)1 : s), unpacked);
        for (var i = 0; i < signs.Length; i++)
        {
            var (at, bit) = SignTiles.Locate(i / columns, i % columns, columns);
            Assert.Equal(signs[i] >= 0, (tiles[at] >> bit & 1) != 0);
        }

        var ones = tiles.Sum(b => int.PopCount(b));
        Assert.Equal(signs.Count(s => s >= 0), ones);

        var fromFloats = new byte[tiles.Length];
        var few = new int[Math.Min(2, count)];
        Assert.Equal(count, SignTiles.PackBlock(signs.Select(s => s * 0.25f).ToArray(), rows, columns, fromFloats, few));
        Assert.Equal(tiles, fromFloats);
        Assert.Equal(expected.Take(2), few);
    }

    [Fact]
    public void Negative_zero_and_not_a_number_are_reported_as_zeros()
    {
        foreach (var columns in new[] { 5, 32 })
        {
            var values = new float[columns];
            Array.Fill(values, -1f);
            values[1] = -0f;
            values[3] = float.NaN;
            values[4] = float.Epsilon;
            var tiles = new byte[64];
            var zeros = new int[4];
            Assert.Equal(2, SignTiles.PackBlock(values, 1, columns, tiles, zeros));
            Assert.Equal([1, 3], zeros[..2]);
            Assert.Equal(0b11010, tiles[0]);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(32)]
    public void Another_sign_is_a_bug_of_the_caller(int columns)
    {
        var signs = new sbyte[columns];
        signs[2] = -128;
        Assert.Throws<ArgumentException>(() => SignTiles.PackBlock(signs, 1, columns, new byte[64], []));
        signs[2] = 2;
        Assert.Throws<ArgumentException>(() => SignTiles.PackBlock(signs, 1, columns, new byte[64], []));
    }
}
