using System.Runtime.InteropServices;
using BiMamba.Bisection.Reproducing;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Bisection;

/// <summary>Slices have the elements that were asked for, in every encoding.</summary>
public class ResourceSlicerTests
{
    private static readonly int[] Rows = [1, 17, 18, 39];
    private static readonly int[] Columns = [0, 31, 32, 33, 69];

    [Fact]
    public void Plain_arrays_keep_the_chosen_elements_of_each_axis()
    {
        var values = Enumerable.Range(0, 40 * 70 * 2).Select(i => (float)i).ToArray();
        var slice = ResourceSlicer.Slice(new Resource("w", MemoryTensor.Of(values, Shape.Of(40, 70, 2))), [Rows, Columns, null]);
        Assert.Equal("f32[4,5,2]", slice.TypeText);
        Assert.Equal(from row in Rows from column in Columns from tap in (int[])[0, 1] select (float)((((row * 70) + column) * 2) + tap), slice.Data.ToSingles());
    }

    [Theory]
    [InlineData(Encoding.Sign1)]
    [InlineData(Encoding.Mask1)]
    public void Planes_of_bits_keep_the_chosen_bits(Encoding encoding)
    {
        var bytes = new byte[SignTiles.ByteLength(40, 70)];
        for (var row = 0; row < 40; row++)
        {
            for (var column = 0; column < 70; column++)
                Set(bytes, row, column, 70, Bit(row, column));
        }

        var slice = ResourceSlicer.Slice(new Resource("s", encoding, Shape.Of(40, 70), new MemoryTensor(bytes, ElementType.U8, Shape.Of(bytes.Length))), [Rows, Columns]);
        var expected = new byte[SignTiles.ByteLength(Rows.Length, Columns.Length)];
        foreach (var (i, row) in Rows.Index())
        {
            foreach (var (j, column) in Columns.Index())
                Set(expected, i, j, Columns.Length, Bit(row, column));
        }

        Assert.Equal(encoding.Name() + "[4,5]", slice.TypeText);
        Assert.Equal(expected, slice.Data.ToBytes());
    }

    [Fact]
    public void Packed_codes_keep_whole_rows()
    {
        var bytes = Enumerable.Range(0, 40 * 3).Select(i => (byte)i).ToArray();
        var slice = ResourceSlicer.Slice(new Resource("c", Encoding.I4, Shape.Of(40, 5), new MemoryTensor(bytes, ElementType.U8, Shape.Of(bytes.Length))), [Rows, null]);
        Assert.Equal("i4[4,5]", slice.TypeText);
        Assert.Equal(Rows.SelectMany(row => (byte[])[(byte)(row * 3), (byte)((row * 3) + 1), (byte)((row * 3) + 2)]), slice.Data.ToBytes());
    }

    [Fact]
    public void Lists_of_zeros_keep_those_inside_and_count_them_anew()
    {
        uint[] zeros = [0, (1 * 70) + 31, (1 * 70) + 30, (18 * 70) + 69, (39 * 70) + 0];
        var list = new Resource("z", new MemoryTensor(MemoryMarshal.AsBytes(zeros.AsSpan()).ToArray(), ElementType.U32, Shape.Of(zeros.Length)));
        var slice = ResourceSlicer.SliceZeros(list, Shape.Of(40, 70), Rows, Columns);
        Assert.Equal<uint>([1, (2 * 5) + 4, 3 * 5], MemoryMarshal.Cast<byte, uint>(slice.Data.ToBytes()).ToArray());
    }

    private static bool Bit(int row, int column) => ((row * 31) + (column * 7)) % 3 == 0;

    private static void Set(byte[] bytes, int row, int column, int width, bool bit)
    {
        var (at, shift) = SignTiles.Locate(row, column, width);
        bytes[at] |= (byte)((bit ? 1 : 0) << shift);
    }
}
