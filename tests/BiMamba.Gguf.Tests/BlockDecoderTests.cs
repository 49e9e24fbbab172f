using BiMamba.Formats.Gguf;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Gguf.Tests;

/// <summary>Blocks decoded as the description of their layouts says, in whole and in any pieces.</summary>
public sealed class BlockDecoderTests
{
    public static TheoryData<string> Names => [.. GgmlLayout.All.Where(row => row.Decode is not null).Select(row => row.Name)];

    [Fact]
    public void Ternary_digits_by_hand()
    {
        // The digits 2 1 0 2 1 (values 1 0 -1 1 0) are 2 81 + 27 + 0 + 2 3 + 1 = 196 of 243, times 256 and rounded up 207.
        var block = new byte[54];
        block.AsSpan(0, 48).Fill(207);
        // Four digits are five of which the last is 0: 195 of 243 is 206.
        block.AsSpan(48, 4).Fill(206);
        (block[52], block[53]) = (0x00, 0x40);
        float[] digits = [2, 0, -2, 2, 0];
        var found = Decode("tq1_0", block);
        for (var i = 0; i < 256; i++)
            Assert.Equal(digits[i < 160 ? i / 32 : i < 240 ? (i - 160) / 16 : (i - 240) / 4], found[i]);
    }

    [Fact]
    public void Every_byte_of_ternary_digits_is_read_back()
    {
        for (var number = 0; number < 243; number++)
        {
            var block = new byte[54];
            block[7] = (byte)(((number * 256) + 242) / 243);
            (block[52], block[53]) = (0x00, 0x3c);
            var found = Decode("tq1_0", block);
            int[] digits = [number / 81, number / 27 % 3, number / 9 % 3, number / 3 % 3, number % 3];
            Assert.Equal(digits.Select(digit => digit - 1f), Enumerable.Range(0, 5).Select(n => found[(32 * n) + 7]));
        }
    }

    [Theory]
    [InlineData("q4_0")]
    [InlineData("q8_0")]
    [InlineData("tq2_0")]
    [InlineData("q1_0")]
    public void Any_bytes_are_decoded_as_described(string name)
    {
        var type = GgmlType.Find(name)!;
        var random = new Random(3);
        for (var i = 0; i < 200; i++)
        {
            var bytes = new byte[type.BlockBytes * 3];
            random.NextBytes(bytes);
            // A scale that is no number has no equal.
            for (var block = 0; block < 3; block++)
                bytes[(block * type.BlockBytes) + (name == "tq2_0" ? 65 : 1)] &= 0x3f;
            Assert.Equal(GgmlDecoder.Decode(type, bytes), Decode(name, bytes));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_range_of_bytes_is_that_of_the_whole(string name)
    {
        var layout = GgmlLayout.All.Single(row => row.Name == name);
        using var folder = new TemporaryFolder();
        var data = new byte[12 * layout.BlockBytes];
        new Random(4).NextBytes(data);
        File.WriteAllBytes(folder["a.gguf"], GgufBytes.Head(1, 0).Tensor("t", layout.Number, 0, 4ul * (ulong)layout.BlockElements, 3).Align().Raw(data).ToArray());
        using var file = GgufReader.Open(folder["a.gguf"], new())!;
        var tensor = file.Tensors[0].Tensor!;
        Assert.Equal((ElementType.F32, false), (tensor.Type, tensor.TryGetSpan(0, 4, out _)));
        var whole = tensor.ToBytes();
        Assert.Equal(whole, Decode(name, data).SelectMany(BitConverter.GetBytes));
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var offset = random.Next(whole.Length + 1);
            var part = new byte[random.Next(Math.Min(whole.Length - offset, i < 150 ? 40 : int.MaxValue) + 1)];
            tensor.Read(offset, part);
            Assert.Equal(whole.AsSpan(offset, part.Length).ToArray(), part);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Read(whole.Length - 3, new byte[4]));
        Assert.True(tensor.IsSameStorage(tensor));
        Assert.Equal(data.Length, tensor.StoredLength);
    }

    [Fact]
    public void Types_that_are_not_decoded_have_no_tensor()
    {
        using var folder = new TemporaryFolder();
        foreach (var layout in GgmlLayout.All)
        {
            File.WriteAllBytes(folder["a.gguf"], GgufBytes.Head(1, 0).Tensor("t", layout.Number, 0, (ulong)layout.BlockElements).Align().Raw(new byte[layout.BlockBytes]).ToArray());
            using var file = GgufReader.Open(folder["a.gguf"], new())!;
            Assert.Equal(layout.IsReadable, file.Tensors[0].Tensor is not null);
            Assert.Equal(layout.Plain ?? ElementType.F32, file.Tensors[0].Tensor?.Type ?? ElementType.F32);
        }
    }

    private static float[] Decode(string name, byte[] bytes)
    {
        var layout = GgmlLayout.All.Single(row => row.Name == name);
        var values = new float[bytes.Length / layout.BlockBytes * layout.BlockElements];
        layout.Decode!(bytes, values);
        return values;
    }
}
