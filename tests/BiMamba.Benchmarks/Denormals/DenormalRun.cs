using System.Diagnostics;
using System.Numerics.Tensors;
using BiMamba.Passes.Gptq;
using BiMamba.Runtime;

namespace BiMamba.Benchmarks.Denormals;

/// <summary>
/// What subnormal numbers cost: models and a GPTQ run whose weights, activations or states are subnormal, beside the same at usual size.
/// Both take turns in one run.
/// </summary>
internal static class DenormalRun
{
    private const int Prompt = 192;
    private const int Tokens = 24;
    private const int Rounds = 7;

    /// <summary>Measures and prints a row for each.</summary>
    public static void Run()
    {
        using var models = new DenormalModels();
        Console.WriteLine("ratio of times, subnormal over usual: median of rounds; share of subnormal numbers in the states");
        foreach (var engine in (Engine[])[Engine.Fast, Engine.Reference])
        {
            Compare(models, "weights 1e-41", models.Weights, engine, zeros: 0);
            Compare(models, "states 1e-39", models.States, engine, zeros: 0);
            Compare(models, "states that decayed for 3000 tokens", models.Decay, engine, zeros: 3000);
        }

        Console.WriteLine(FormattableString.Invariant($"gptq, weights 1e-40: {Median(Gptq(1e-40f), Gptq(1)):0.00}"));
    }

    private static void Compare(DenormalModels models, string what, IR.Module module, Engine engine, int zeros)
    {
        var options = new RuntimeOptions(1, Engine: engine);
        var (usual, tiny) = (new ModelRunner(models.Plain, options), new ModelRunner(module, options));
        var (usualState, tinyState) = (usual.NewState(), tiny.NewState());
        int[] words = [.. Enumerable.Range(0, Prompt).Select(i => 1 + (i * 7 % 255))];
        var (prefill, decode) = (new List<double>(), new List<double>());
        // Behind the zeros the next tokens are zeros too: others would fill the states again.
        int[] next = zeros > 0 ? new int[Prompt] : words;
        if (zeros > 0)
        {
            tiny.Run(tinyState, words, null);
            tiny.Run(tinyState, new int[zeros], null);
            usual.Run(usualState, words, null);
        }

        for (var round = 0; round < Rounds; round++)
        {
            prefill.Add(Seconds(() => tiny.Run(tinyState, next, null)) / Seconds(() => usual.Run(usualState, words, null)));
            decode.Add(Seconds(() => Decode(tiny, tinyState, next)) / Seconds(() => Decode(usual, usualState, words)));
        }

        Console.WriteLine(FormattableString.Invariant($"{engine}, {what}: prefill {Median(prefill):0.00}, decode {Median(decode):0.00}; {100 * Share(tiny, tinyState):0} %"));
    }

    private static void Decode(ModelRunner runner, ModelState state, int[] ids)
    {
        for (var i = 0; i < Tokens; i++)
            runner.Run(state, ids.AsSpan(i, 1), null);
    }

    private static double Share(ModelRunner runner, ModelState state)
    {
        long subnormal = 0, all = 0;
        for (var scan = 0; scan < runner.Scans.Length; scan++)
        {
            foreach (var value in state.Scan(scan))
                (subnormal, all) = (subnormal + (float.IsSubnormal(value) ? 1 : 0), all + 1);
        }

        return (double)subnormal / all;
    }

    private static List<double> Gptq(float scale)
    {
        const int Rows = 512;
        const int Columns = 768;
        var random = new Random(1);
        var weight = new float[Rows * Columns];
        var inputs = new float[2 * Columns * Columns];
        foreach (ref var value in weight.AsSpan())
            value = scale * (float)((2 * random.NextDouble()) - 1);
        foreach (ref var value in inputs.AsSpan())
            value = (float)((2 * random.NextDouble()) - 1);
        var hessian = new float[Columns * Columns];
        for (var i = 0; i < Columns; i++)
        {
            for (var j = 0; j < Columns; j++)
                hessian[(i * Columns) + j] = TensorPrimitives.Dot<float>(inputs.AsSpan(i * 2 * Columns, 2 * Columns), inputs.AsSpan(j * 2 * Columns, 2 * Columns));
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = 1 };
        var factor = HessianFactor.Create(hessian, Columns, 0.01, false, options).Factor!;
        return [.. Enumerable.Range(0, Rounds).Select(_ => Seconds(() => GptqQuantizer.Quantize(weight, Rows, Columns, factor, new GptqSettings(4, false, 128), options)))];
    }

    private static double Seconds(Action action)
    {
        var begin = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static double Median(List<double> over, List<double> under) => Median(over) / Median(under);
}
