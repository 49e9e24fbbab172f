using System.Diagnostics;

namespace BiMamba.Kernels.Tests;

/// <summary>Signs from the bits of floats, against the signs of their values.</summary>
public class SignBitsTests
{
    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 3, 31 }, { 16, 32 }, { 15, 33 }, { 16, 97 }, { 2, 160 }, { 0, 32 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Fp16(int rows, int columns) =>
        Compare(rows, columns, SignRules.Half, bits => (float)BitConverter.UInt16BitsToHalf(bits), (ushort)0x8000, (ushort)0x7C00);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Bf16(int rows, int columns) =>
        Compare(rows, columns, SignRules.BFloat16, Widen, (ushort)0x8000, (ushort)0x7F80);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Bf16_through_fp16(int rows, int columns) =>
        Compare(rows, columns, SignRules.BFloat16ThroughHalf, bits => (float)(Half)Widen(bits), (ushort)0x3300, (ushort)0x3301, (ushort)0xB300, (ushort)0xB301, (ushort)0x7F80);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Fp32(int rows, int columns) =>
        Compare(rows, columns, SignRules.Single, BitConverter.UInt32BitsToSingle, 0x80000000u, 1u, 0x80000001u, 0x7F800000u);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Fp32_through_fp16(int rows, int columns) =>
        Compare(rows, columns, SignRules.SingleThroughHalf, bits => (float)(Half)BitConverter.UInt32BitsToSingle(bits), 0x33000000u, 0x33000001u, 0xB3000000u, 0xB3000001u, 0x7F800000u);

    [Theory]
    [InlineData(32, 7)]
    [InlineData(40, 35)]
    public void The_first_NaN_is_named(int columns, int column)
    {
        var halves = new ushort[3 * columns];
        halves[(2 * columns) + column] = halves[(2 * columns) + column + 1] = 0xFE00;
        var tiles = new byte[SignTiles.BlockBytes(columns)];
        var expected = (2 * columns) + column;
        Assert.Equal(expected, SignBits.PackBlock<ushort>(halves, SignRules.Half, [], 3, columns, tiles, [], out _));
        Assert.Equal(expected, SignBits.PackBlockScalar<ushort>(halves, SignRules.Half, [], 3, columns, tiles, [], out _));
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public void Both_forms_are_equal_without(string variable)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(SignBitsTests).Assembly.Location },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var name in (string[])[nameof(Fp16), nameof(Bf16), nameof(Bf16_through_fp16), nameof(Fp32), nameof(Fp32_through_fp16)])
        {
            start.ArgumentList.Add("-method");
            start.ArgumentList.Add($"*{nameof(SignBitsTests)}.{name}");
        }

        start.Environment[variable] = "0";
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, output);
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_a_bug_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => SignBits.PackBlock<ushort>(new ushort[33], SignRules.Half, new uint[1], 1, 33, new byte[128], [], out _));

    private static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private static void Compare<T>(int rows, int columns, SignRule<T> rule, Func<T, float> value, params T[] edges)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>, System.Numerics.IUnsignedNumber<T>
    {
        var bits = Numbers.Signs(rows * columns, 11, zeroOneIn: 6)
            .Select((sign, i) => sign == 0 ? (i % 2 == 0 ? T.Zero : edges[i % edges.Length]) : T.CreateTruncating(((uint)(i * 977) & 0x3FFF) + 0x3400) | (sign < 0 ? T.RotateRight(T.One, 1) : T.Zero))
            .ToArray();
        foreach (var plus in (uint[][])[[], [.. Enumerable.Repeat(0x80000005u, SignTiles.ColumnTiles(columns))]])
        {
            var signs = bits.Select((b, i) => plus.Length > 0 && (plus[0] >> (i % columns % 32) & 1) != 0 ? (sbyte)1 : (sbyte)MathF.Sign(value(b))).ToArray();
            var expected = new byte[SignTiles.BlockBytes(columns)];
            var expectedZeros = new int[bits.Length];
            var count = SignTiles.PackBlock(signs, rows, columns, expected, expectedZeros);
            // Padding columns have no sign, whatever the mask says of them.
            if (plus.Length > 0 && columns % 32 != 0)
                plus[^1] &= (1u << (columns % 32)) - 1;
            Check(SignBits.PackBlock, SignBits.PackBlockScalar);

            void Check(params Packer<T>[] packers)
            {
                foreach (var pack in packers)
                {
                    var (tiles, zeros, few) = (new byte[expected.Length], new int[bits.Length], new int[Math.Min(2, count)]);
                    Assert.Equal(-1, pack(bits, rule, plus, rows, columns, tiles, zeros, out var found));
                    Assert.Equal(count, found);
                    Assert.Equal(expectedZeros[..count], zeros[..count]);
                    Assert.Equal(expected, tiles);
                    Assert.Equal(-1, pack(bits, rule, plus, rows, columns, tiles, few, out found));
                    Assert.Equal(count, found);
                    Assert.Equal(expectedZeros[..few.Length], few);
                }
            }
        }
    }

    private delegate int Packer<T>(ReadOnlySpan<T> values, SignRule<T> rule, ReadOnlySpan<uint> plus, int rows, int columns, Span<byte> tiles, Span<int> zeros, out int zeroCount)
        where T : unmanaged;
}
