using BenchmarkDotNet.Attributes;
using BiMamba.Kernels;

namespace BiMamba.Benchmarks.Kernels;

/// <summary>The convolution of the largest model.</summary>
public class ConvBenchmarks : IRated
{
    private const int Tokens = 64;
    private const int Channels = 5376;
    private const int Width = 4;

    private readonly float[] x = KernelRun.Random(Tokens * Channels);
    private readonly float[] y = new float[Tokens * Channels];
    private readonly float[] state = new float[(Width - 1) * Channels];
    private readonly float[] weight = KernelRun.Random(Width * Channels);

    public double Amount => Tokens * Channels;

    public string Unit => "elements";

    [Benchmark]
    public void Run() => CausalConv.Run(
        new Rows(x, Tokens, Channels), state, weight, Width, [], true, 0, Channels, new MutableRows(y, Tokens, Channels));
}

/// <summary>The scan of Mamba-2; its work is the state read and written once a token.</summary>
public class SsdBenchmarks : IRated
{
    private const int Heads = 80;
    private const int StateSize = 128;
    private const int Channels = Heads * 64;

    private readonly float[] a = [.. KernelRun.Random(Heads).Select(value => -1f - value)];
    private readonly float[] state = new float[Channels * StateSize];
    private float[] x = [];
    private float[] dt = [];
    private float[] b = [];
    private float[] y = [];

    [Params(1, 64)]
    public int Tokens { get; set; }

    public double Amount => 2.0 * sizeof(float) * Tokens * Channels * StateSize;

    public string Unit => "B";

    [GlobalSetup]
    public void Setup() => (x, dt, b, y) = (
        KernelRun.Random(Tokens * Channels), KernelRun.Random(Tokens * Heads), KernelRun.Random(Tokens * StateSize), new float[Tokens * Channels]);

    [Benchmark]
    public void Run()
    {
        var inputs = new SsdScanInputs
        {
            X = new Rows(x, Tokens, Channels),
            Dt = new Rows(dt, Tokens, Heads),
            B = new Rows(b, Tokens, StateSize),
            C = new Rows(b, Tokens, StateSize),
            A = a,
            D = a,
            StateSize = StateSize,
            DtMax = float.PositiveInfinity,
        };
        SsdScan.Run(inputs, 0, Heads, state, new MutableRows(y, Tokens, Channels));
    }
}

/// <summary>The scan of Mamba-1; its work is elements of the state.</summary>
public class SelectiveBenchmarks : IRated
{
    private const int Channels = 3072;
    private const int StateSize = 16;
    private const int Tokens = 64;

    private readonly float[] x = KernelRun.Random(Tokens * Channels);
    private readonly float[] b = KernelRun.Random(Tokens * StateSize);
    private readonly float[] a = [.. KernelRun.Random(Channels * StateSize).Select(value => -1f - value)];
    private readonly float[] state = new float[Channels * StateSize];
    private readonly float[] y = new float[Tokens * Channels];

    public double Amount => Tokens * Channels * StateSize;

    public string Unit => "elements";

    [Benchmark]
    public void Run()
    {
        var rows = new Rows(x, Tokens, Channels);
        var inputs = new SelectiveScanInputs { X = rows, Dt = rows, B = new Rows(b, Tokens, StateSize), C = new Rows(b, Tokens, StateSize), A = a, Z = rows };
        SelectiveScan.Run(inputs, 0, Channels, state, new MutableRows(y, Tokens, Channels));
    }
}
