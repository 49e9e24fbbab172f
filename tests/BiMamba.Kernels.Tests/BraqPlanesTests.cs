namespace BiMamba.Kernels.Tests;

public class BraqPlanesTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(16, 128, 128)]
    [InlineData(37, 93, 32)]
    [InlineData(50, 300, 128)]
    [InlineData(33, 257, 100)]
    [InlineData(20, 70, 128)]
    [InlineData(20, 70, 7)]
    public void Weights_are_those_of_the_formula_in_both_forms(int rows, int columns, int block)
    {
        var (braq, stride) = (new Case(rows, columns, block), columns + 3);
        var scalar = new float[rows * columns];
        BraqPlanes.DequantizeScalar(
            braq.Sign, braq.Region, braq.Salient, braq.Scale, braq.Mean, braq.Zeros, braq.RegionZeros, block, rows, columns, 0,
            new MutableRows(scalar, rows, columns));
        Numbers.AssertSameBits(braq.Expected(), scalar);
        foreach (var first in new[] { 0, rows / 3 })
        {
            var panel = new float[(rows - first) * stride];
            BraqPlanes.Dequantize(
                braq.Sign, braq.Region, braq.Salient, braq.Scale, braq.Mean, braq.Zeros, braq.RegionZeros, block, rows, columns, first,
                new MutableRows(panel, rows - first, columns, stride));
            Numbers.AssertSameBits(scalar.AsSpan(first * columns), Numbers.Dense(panel, rows - first, columns, stride));
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var braq = new Case(20, 70, 32);
        Assert.Throws<ArgumentException>(() => Run(braq, braq.Salient[1..], braq.Scale, braq.Mean, 32));
        Assert.Throws<ArgumentException>(() => Run(braq, braq.Salient, braq.Scale[1..], braq.Mean, 32));
        Assert.Throws<ArgumentException>(() => Run(braq, braq.Salient, braq.Scale, braq.Mean[1..], 32));
        Assert.Throws<ArgumentException>(() => Run(braq, braq.Salient, braq.Scale, braq.Mean, 0));
        Assert.Throws<ArgumentException>(() => Run(braq, braq.Salient, braq.Scale, braq.Mean, 64));

        static void Run(Case braq, uint[] salient, ushort[] scale, ushort[] mean, int block) =>
            BraqPlanes.Dequantize(braq.Sign, braq.Region, salient, scale, mean, [], [], block, 20, 70, 0, new MutableRows(new float[20 * 70], 20, 70));
    }

    internal sealed class Case
    {
        private readonly int _rows;
        private readonly int _columns;
        private readonly int _block;
        private readonly sbyte[] _signs;
        private readonly sbyte[] _regions;

        public Case(int rows, int columns, int block)
        {
            (_rows, _columns, _block) = (rows, columns, block);
            _signs = Numbers.Signs(rows * columns, 51, zeroOneIn: 23);
            _regions = Numbers.Signs(rows * columns, 52, zeroOneIn: 19);
            Sign = SignProductTests.Pack(_signs, rows, columns);
            Region = SignProductTests.Pack(_regions, rows, columns);
            Salient = new uint[SignTiles.ColumnTiles(columns)];
            var random = new Random(53);
            for (var j = 0; j < columns; j++)
                Salient[j / 32] |= (random.Next(4) == 0 ? 1u : 0u) << (j % 32);
            var blocks = BraqPlanes.Blocks(columns, block);
            Scale = [.. Numbers.Random(rows * blocks * BraqPlanes.Scales, 54).Select(value => BitConverter.HalfToUInt16Bits((Half)Math.Abs(value)))];
            Mean = [.. Numbers.Random(rows * blocks * BraqPlanes.Means, 55).Select(value => BitConverter.HalfToUInt16Bits((Half)value))];

            // A zero of second order outside salient columns is listed too, and counts for nothing.
            Zeros = [.. Enumerable.Range(0, _signs.Length).Where(i => _signs[i] == 0).Select(i => (uint)i)];
            RegionZeros = [.. Enumerable.Range(0, _regions.Length).Where(i => _regions[i] == 0).Select(i => (uint)i)];
        }

        public byte[] Sign { get; }

        public byte[] Region { get; }

        public uint[] Salient { get; }

        public ushort[] Scale { get; }

        public ushort[] Mean { get; }

        public uint[] Zeros { get; }

        public uint[] RegionZeros { get; }

        public float[] Expected()
        {
            var weights = new float[_rows * _columns];
            for (var i = 0; i < weights.Length; i++)
            {
                var (row, column) = (i / _columns, i % _columns);
                var at = (row * BraqPlanes.Blocks(_columns, _block)) + (column / _block);
                if ((Salient[column / 32] >> (column % 32) & 1) != 0)
                    weights[i] = ((_signs[i] * Value(Scale[(at * 4) + 2])) + (_regions[i] * Value(Scale[(at * 4) + 3]))) + Value(Mean[(at * 3) + 2]);
                else
                    weights[i] = (_signs[i] * Value(Scale[(at * 4) + (_regions[i] >= 0 ? 1 : 0)])) + Value(Mean[(at * 3) + (_regions[i] >= 0 ? 1 : 0)]);
            }

            return weights;

            static float Value(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);
        }
    }
}
