using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace BiMamba.Benchmarks.Kernels;

/// <summary>The kernels on one thread, by BenchmarkDotNet, in this process.</summary>
internal static class KernelRun
{
    private static readonly Type[] All =
    [
        typeof(SignProductBenchmarks), typeof(FixedSignProductBenchmarks), typeof(StoredRowBenchmarks), typeof(RowProductBenchmarks), typeof(ElementaryBenchmarks), typeof(NormBenchmarks),
        typeof(DequantizeBenchmarks), typeof(ConvBenchmarks), typeof(SsdBenchmarks), typeof(SelectiveBenchmarks),
    ];

    /// <summary>Runs the benchmarks whose class names hold a text; all where it is empty.</summary>
    public static void Run(string filter)
    {
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddColumn(new RateColumn())
            .AddLogger(ConsoleLogger.Default)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "BenchmarkDotNet.Artifacts"))
            .WithOptions(ConfigOptions.JoinSummary);
        BenchmarkRunner.Run([.. All.Where(type => type.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))], config);
    }

    /// <summary>Seeded numbers between -0.5 and 0.5.</summary>
    public static float[] Random(int length)
    {
        var random = new Random(1);
        var values = new float[length];
        for (var i = 0; i < length; i++)
            values[i] = (float)random.NextDouble() - 0.5f;
        return values;
    }

    /// <summary>Seeded bytes.</summary>
    public static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(2).NextBytes(bytes);
        return bytes;
    }
}
