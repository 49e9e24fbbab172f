using BiMamba.Diagnostics;
using BiMamba.Kernels;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Runtime;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>Rewrites and runs modules.</summary>
internal static class Running
{
    /// <summary>The module after a pipeline.</summary>
    public static Module Apply(Module module, string pipeline, DiagnosticBag? diagnostics = null, int threads = 2)
    {
        var bag = diagnostics ?? new DiagnosticBag();
        var result = TryApply(module, pipeline, bag, threads);
        Assert.True(result is not null, string.Join('\n', bag.Items));
        return result;
    }

    /// <summary>The module after a pipeline, or null with an error.</summary>
    public static Module? TryApply(Module module, string pipeline, DiagnosticBag bag, int threads = 2)
    {
        var parsed = PipelineParser.Parse(new SourceText("pipeline", pipeline), PassTable.All, bag);
        Assert.True(parsed is not null && PassManager.CheckLevels(parsed, module.Level, PassTable.All, bag) is not null, string.Join('\n', bag.Items));
        var result = PassManager.Run(module, parsed, new PassContext(bag, threads, TestContext.Current.CancellationToken));
        Assert.Equal(result is null, bag.HasErrors);
        return result;
    }

    /// <summary>Logits [ids, rows].</summary>
    public static float[] Logits(Module module, ReadOnlySpan<int> ids, int chunk = 128, int threads = 2, Engine engine = Engine.Reference, StateType state = StateType.F32)
    {
        var runner = new ModelRunner(module, new RuntimeOptions(threads, chunk, engine, state));
        return Logits(runner, runner.NewState(), ids);
    }

    /// <summary>Logits [ids, rows] from where a state stands.</summary>
    public static float[] Logits(ModelRunner runner, ModelState state, ReadOnlySpan<int> ids, IRunObserver? observer = null)
    {
        var width = runner.VocabularyRows;
        var logits = new float[ids.Length * width];
        runner.Run(state, ids, (first, rows) => Copy(rows, logits.AsSpan(first * width)), observer);
        return logits;
    }

    /// <summary>What a block returns, [ids, width].</summary>
    public static float[] BlockResult(Module module, int block, ReadOnlySpan<int> ids, int chunk = 128, int threads = 2)
    {
        var runner = new ModelRunner(module, new RuntimeOptions(threads, chunk));
        var recorder = new Recorder();
        runner.Run(runner.NewState(), ids, static (_, _) => { }, recorder);
        return [.. recorder.Calls.Where(call => call.Block == block).SelectMany(call => call.Values)];
    }

    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToUInt32Bits(expected[i]) != BitConverter.SingleToUInt32Bits(actual[i]))
                Assert.Fail($"element {i}: expected {expected[i]:R}, found {actual[i]:R}");
        }
    }

    private static void Copy(Rows rows, Span<float> destination)
    {
        for (var t = 0; t < rows.Count; t++)
            rows[t].CopyTo(destination[(t * rows.Width)..]);
    }

    /// <summary>Keeps everything that an observer is told.</summary>
    internal sealed class Recorder : IRunObserver
    {
        public List<(int Block, int FirstToken, int Count, float[] Values)> Calls { get; } = [];

        public void OnBlock(int block, int firstToken, Rows values)
        {
            var copy = new float[values.Count * values.Width];
            Copy(values, copy);
            Calls.Add((block, firstToken, values.Count, copy));
        }
    }
}
