using BiMamba.Runtime;

namespace BiMamba.IR.Tests;

/// <summary>The fast engine is near the reference engine, and a batch changes no bit of a sequence.</summary>
public sealed class EngineTests
{
    private const int Tokens = 41;

    private static readonly Dictionary<string, Func<Module>> Modules = new(StringComparer.Ordinal)
    {
        ["mamba1"] = () => Mamba1Sample.Build(),
        ["packed"] = () => Running.Apply(new Mamba2Sample().Build(), "fold-fbi | quantize-embedding{bits=4, group=5} | pack"),
        ["zero list"] = () => Running.Apply(FbiSample.Random(1, 37, 50).WithLatent(0, 0.02, 2).Build(), "pack"),
        ["zero bitmap"] = () => Running.Apply(FbiSample.Random(1, 100, 50).WithLatent(0, 0.3, 2).Build(), "fold-fbi{fidelity=official-fp16} | pack"),
        ["zero trits"] = () => Running.Apply(FbiSample.Random(1, 100, 50).WithLatent(0, 0.3, 2).Build(), "fold-fbi{fidelity=official-fp16}"),
        ["row"] = () => Running.Apply(FbiSample.Random(1, 100, 50, "row").Build(), "pack"),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Modules.Keys];

    public static TheoryData<string, Engine> NamesAndEngines =>
        [.. Modules.Keys.SelectMany(name => Enum.GetValues<Engine>().Select(engine => (name, engine)))];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_fast_engine_differs_from_the_reference_by_rounding(string name)
    {
        var module = Modules[name]();
        var ids = new Numbers(12).Ids(Tokens, module.VocabularyRows);
        var expected = Running.Logits(module, ids);
        var actual = Running.Logits(module, ids, engine: Engine.Fast);
        var largest = expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(Math.Abs(expected[i] - actual[i]), 0, 2e-5f * largest);
    }

    [Theory]
    [MemberData(nameof(NamesAndEngines))]
    public void Single_tokens_have_the_bits_of_several_at_once(string name, Engine engine)
    {
        var module = Modules[name]();
        var ids = new Numbers(13).Ids(27, module.VocabularyRows);
        var expected = Running.Logits(module, ids, engine: engine);
        var runner = new ModelRunner(module, new RuntimeOptions(2, Engine: engine));
        var state = runner.NewState();
        Running.AssertSameBits(expected, [.. ids.SelectMany(id => runner.RunToLast(state, [id], Cancellation).ToArray())]);
    }

    [Theory]
    [MemberData(nameof(NamesAndEngines))]
    public void A_sequence_has_the_same_bits_in_any_batch(string name, Engine engine)
    {
        var module = Modules[name]();
        var rows = module.VocabularyRows;
        int[] lengths = [17, 2, 41, 0, 30];
        var ids = lengths.Select((length, i) => new Numbers(20 + i).Ids(length, rows)).ToArray();
        foreach (var (chunk, threads) in ((int, int)[])[(3, 1), (16, 2), (192, 3)])
        {
            var runner = new ModelRunner(module, new RuntimeOptions(threads, chunk, engine));
            var batch = ids.Select(tokens => new Sequence(runner.NewState(), tokens)).ToArray();
            var logits = Collect(runner, batch, rows);
            for (var i = 0; i < ids.Length; i++)
                Running.AssertSameBits(Running.Logits(module, ids[i], engine: engine), logits[i]);

            // One more token each, side by side.
            var next = batch.Select((sequence, i) => sequence with { Tokens = new[] { i } }).ToArray();
            var last = Collect(runner, next, rows);
            for (var i = 0; i < ids.Length; i++)
            {
                var state = runner.NewState();
                runner.Run(state, ids[i], null, cancellation: Cancellation);
                Running.AssertSameBits(runner.RunToLast(state, [i], Cancellation), last[i]);
            }
        }
    }

    [Fact]
    public void A_batch_without_logits_moves_the_states()
    {
        var module = Modules["packed"]();
        var runner = new ModelRunner(module, new RuntimeOptions(2));
        var ids = new Numbers(30).Ids(9, module.VocabularyRows);
        var (left, right) = (runner.NewState(), runner.NewState());
        runner.Run([new Sequence(left, ids)], null, Cancellation);
        runner.Run(right, ids, null, cancellation: Cancellation);
        Running.AssertSameBits(runner.RunToLast(left, [1], Cancellation).ToArray(), runner.RunToLast(right, [1], Cancellation));
    }

    [Fact]
    public void A_fault_in_a_piece_reaches_the_caller()
    {
        var module = Modules["packed"]();
        var runner = new ModelRunner(module, new RuntimeOptions(3));
        int[] ids = [.. Enumerable.Repeat(1, 20), module.VocabularyRows + 5];
        Assert.ThrowsAny<ArgumentException>(() => runner.Run(runner.NewState(), ids, null, cancellation: Cancellation));
        Assert.True(float.IsFinite(runner.RunToLast(runner.NewState(), [1], Cancellation)[0]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_token_allocates_nothing(string name)
    {
        var module = Modules[name]();
        var runner = new ModelRunner(module, new RuntimeOptions(1));
        var state = runner.NewState();
        int[] ids = [1];
        for (var i = 0; i < 3; i++)
            runner.RunToLast(state, ids, Cancellation);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
            runner.RunToLast(state, ids, Cancellation);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static float[][] Collect(ModelRunner runner, Sequence[] batch, int rows)
    {
        var logits = batch.Select(sequence => new float[sequence.Tokens.Length * rows]).ToArray();
        runner.Run(batch, (sequence, first, values) => values.Values[..(values.Count * rows)].CopyTo(logits[sequence].AsSpan(first * rows)), Cancellation);
        return logits;
    }
}
