using BiMamba.Kernels;

namespace BiMamba.Benchmarks;

/// <summary>Convolution and scans at the shapes of the larger models.</summary>
internal static class MixerBenchmarks
{
    public static void Conv()
    {
        const int Tokens = 64, Channels = 5376, Width = 4;
        var x = Benchmarks.Random(Tokens * Channels);
        var y = new float[x.Length];
        var state = new float[(Width - 1) * Channels];
        var weight = Benchmarks.Random(Width * Channels);
        Measure.Report("causal conv, width 4, silu", x.Length, Measure.Seconds(() => CausalConv.Run(
            new Rows(x, Tokens, Channels), state, weight, Width, [], true, 0, Channels, new MutableRows(y, Tokens, Channels))), "Gelem/s");
    }

    public static void Ssd()
    {
        const int Heads = 80, HeadDim = 64, StateSize = 128, Channels = Heads * HeadDim;
        foreach (var tokens in new[] { 1, 64 })
        {
            var x = Benchmarks.Random(tokens * Channels);
            var dt = Benchmarks.Random(tokens * Heads);
            var b = Benchmarks.Random(tokens * StateSize);
            var a = Benchmarks.Random(Heads).Select(v => -1f - v).ToArray();
            var state = new float[Channels * StateSize];
            var y = new float[x.Length];
            var seconds = Measure.Seconds(() =>
            {
                var inputs = new SsdScanInputs
                {
                    X = new Rows(x, tokens, Channels),
                    Dt = new Rows(dt, tokens, Heads),
                    B = new Rows(b, tokens, StateSize),
                    C = new Rows(b, tokens, StateSize),
                    A = a,
                    D = a,
                    StateSize = StateSize,
                    DtMax = float.PositiveInfinity,
                };
                SsdScan.Run(inputs, 0, Heads, state, new MutableRows(y, tokens, Channels));
            });
            Measure.Report($"ssd scan, {tokens} tokens, state traffic", 8.0 * tokens * state.Length, seconds, "GB/s");
        }
    }

    public static void Selective()
    {
        const int Channels = 3072, StateSize = 16, Tokens = 64;
        var x = Benchmarks.Random(Tokens * Channels);
        var b = Benchmarks.Random(Tokens * StateSize);
        var a = Benchmarks.Random(Channels * StateSize).Select(v => -1f - v).ToArray();
        var state = new float[a.Length];
        var y = new float[x.Length];
        var seconds = Measure.Seconds(() =>
        {
            var rows = new Rows(x, Tokens, Channels);
            var inputs = new SelectiveScanInputs
            {
                X = rows,
                Dt = rows,
                B = new Rows(b, Tokens, StateSize),
                C = new Rows(b, Tokens, StateSize),
                A = a,
                Z = rows,
            };
            SelectiveScan.Run(inputs, 0, Channels, state, new MutableRows(y, Tokens, Channels));
        });
        Measure.Report("selective scan, 3072 x 16, state elements", (double)Tokens * state.Length, seconds, "Gelem/s");
    }
}
