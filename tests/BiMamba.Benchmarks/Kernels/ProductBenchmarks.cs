using BenchmarkDotNet.Attributes;
using BiMamba.Kernels;

namespace BiMamba.Benchmarks.Kernels;

/// <summary>The product with a sign plane of the largest input projection.</summary>
public class SignProductBenchmarks : IRated
{
    private const int RowCount = 10576;
    private const int Columns = 2560;

    // Several planes, so that one token reads from memory as a model does.
    private const int Planes = 24;

    private byte[][] planes = [];
    private float[] x = [];
    private float[] y = [];
    private float[] scratch = [];
    private int next;

    [Params(1, 8, 64)]
    public int Tokens { get; set; }

    public double Amount => 2.0 * Tokens * RowCount * Columns;

    public string Unit => "FLOP";

    [GlobalSetup]
    public void Setup()
    {
        planes = [.. Enumerable.Range(0, Planes).Select(_ => KernelRun.RandomBytes((int)SignTiles.ByteLength(RowCount, Columns)))];
        x = KernelRun.Random(Tokens * Columns);
        y = new float[Tokens * RowCount];
        scratch = new float[SignProduct.ScratchLength(Tokens, Columns)];
    }

    [Benchmark]
    public void Multiply() => SignProduct.Multiply(
        planes[next++ % Planes], RowCount, new Rows(x, Tokens, Columns), 0, new MutableRows(y, Tokens, RowCount), scratch);
}

/// <summary>The product with a sign plane for many tokens, by exact sums of integers.</summary>
public class FixedSignProductBenchmarks : IRated
{
    private const int RowCount = FixedSignProduct.BestRows;
    private const int Columns = 2560;

    private readonly byte[] plane = KernelRun.RandomBytes((int)SignTiles.ByteLength(RowCount, Columns));
    private readonly float[] scale = KernelRun.Random(Columns);
    private readonly float[] scratch = new float[FixedSignProduct.ScratchLength(RowCount)];
    private float[] x = [];
    private float[] y = [];

    [Params(4, FixedSignProduct.TileTokens, 8 * FixedSignProduct.TileTokens)]
    public int Tokens { get; set; }

    public double Amount => 2.0 * Tokens * RowCount * Columns;

    public string Unit => "FLOP";

    [GlobalSetup]
    public void Setup() => (x, y) = (KernelRun.Random(Tokens * Columns), new float[Tokens * RowCount]);

    [Benchmark]
    public void Multiply() => FixedSignProduct.Multiply(
        plane, RowCount, new Rows(x, Tokens, Columns), scale, 0, new MutableRows(y, Tokens, RowCount), scratch);
}

/// <summary>One token and the rows of a head as they are stored, more than the caches hold.</summary>
public class StoredRowBenchmarks : IRated
{
    private const int RowCount = 50288;
    private const int Columns = 2560;

    private readonly float[] x = KernelRun.Random(Columns);
    private readonly float[] y = new float[RowCount];
    private byte[] weight = [];

    [Params(StoredElement.F16, StoredElement.BF16)]
    public StoredElement Element { get; set; }

    public double Amount => weight.Length;

    public string Unit => "B";

    [GlobalSetup]
    public void Setup()
    {
        weight = KernelRun.RandomBytes(RowCount * Columns * sizeof(ushort));
        // No exponent is that of infinity or NaN.
        for (var i = 1; i < weight.Length; i += sizeof(ushort))
            weight[i] &= 0xBB;
    }

    [Benchmark]
    public void Multiply() => StoredRowProduct.Multiply(
        new Rows(x, 1, Columns), StoredRows.Floats(weight, Element, RowCount, Columns), new MutableRows(y, 1, RowCount));
}

/// <summary>The product with rows of f32.</summary>
public class RowProductBenchmarks : IRated
{
    private const int RowCount = 64;

    private float[] x = [];
    private float[] w = [];
    private float[] y = [];

    [Params(1, 64)]
    public int Tokens { get; set; }

    [Params(768, 2560)]
    public int Columns { get; set; }

    public double Amount => 2.0 * Tokens * RowCount * Columns;

    public string Unit => "FLOP";

    [GlobalSetup]
    public void Setup() => (x, w, y) = (KernelRun.Random(Tokens * Columns), KernelRun.Random(RowCount * Columns), new float[Tokens * RowCount]);

    [Benchmark]
    public void Multiply() => RowProduct.Multiply(new Rows(x, Tokens, Columns), w, new MutableRows(y, Tokens, RowCount));
}

/// <summary>Rows of integer codes become f32.</summary>
public class DequantizeBenchmarks : IRated
{
    private const int RowCount = 64;
    private const int Columns = 2560;
    private const int Group = 128;

    private byte[] codes = [];
    private ushort[] scales = [];
    private float[] panel = [];

    [Params(4, 8)]
    public int Bits { get; set; }

    public double Amount => RowCount * Columns;

    public string Unit => "elements";

    [GlobalSetup]
    public void Setup()
    {
        codes = KernelRun.RandomBytes(RowCount * QuantizedRows.RowBytes(Columns, Bits));
        scales = new ushort[RowCount * QuantizedRows.Groups(Columns, Group)];
        panel = new float[RowCount * Columns];
    }

    [Benchmark]
    public void Dequantize() => QuantizedRows.Dequantize(codes, scales, Bits, Group, new MutableRows(panel, RowCount, Columns));
}
