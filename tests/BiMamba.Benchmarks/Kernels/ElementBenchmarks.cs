using BenchmarkDotNet.Attributes;
using BiMamba.Kernels;

namespace BiMamba.Benchmarks.Kernels;

/// <summary>Functions of single elements.</summary>
public class ElementaryBenchmarks : IRated
{
    private const int Length = 4096;

    private readonly float[] x = KernelRun.Random(Length);
    private readonly float[] y = new float[Length];

    public double Amount => Length;

    public string Unit => "elements";

    [Benchmark]
    public void Silu() => Activation.Silu(x, y);

    [Benchmark]
    public void Softplus() => Activation.Softplus(x, y);

    [Benchmark]
    public void Add() => Elementwise.Add(x, x, y);
}

/// <summary>Norms at the width of the largest model.</summary>
public class NormBenchmarks : IRated
{
    private const int Tokens = 16;
    private const int Width = 2560;

    private readonly float[] x = KernelRun.Random(Tokens * Width);
    private readonly float[] weight = KernelRun.Random(Width);
    private readonly float[] y = new float[Tokens * Width];

    public double Amount => Tokens * Width;

    public string Unit => "elements";

    [Benchmark]
    public void Plain() => RmsNorm.Run(new Rows(x, Tokens, Width), weight, 1e-5f, Width, new MutableRows(y, Tokens, Width));

    [Benchmark]
    public void Gated() => GatedRmsNorm.Run(
        new Rows(x, Tokens, Width), new Rows(x, Tokens, Width), weight, 1e-5f, Width, false, new MutableRows(y, Tokens, Width));
}
