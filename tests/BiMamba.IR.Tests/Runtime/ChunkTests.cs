using BiMamba.Runtime;

namespace BiMamba.IR.Tests;

/// <summary>A sequence gives the same bits in whatever pieces and on however many threads it runs.</summary>
public sealed class ChunkTests
{
    private const int Tokens = 41;

    private static readonly Dictionary<string, Func<Module>> Modules = new(StringComparer.Ordinal)
    {
        ["mamba1"] = () => Mamba1Sample.Build(),
        ["mamba1, one tap"] = () => Mamba1Sample.Build(convWidth: 1),
        ["fbi"] = () => new Mamba2Sample().Build(),
        ["one tap"] = () => new Mamba2Sample { ConvWidth = 1, Groups = 1 }.Build(),
        ["five taps"] = () => new Mamba2Sample { ConvWidth = 5, Groups = 4 }.Build(),
        ["d by channel"] = () => new Mamba2Sample { DPerChannel = true, DtMin = 0.1, DtMax = 0.6 }.Build(),
        ["quant"] = () => Running.Apply(new Mamba2Sample().Build(), "fold-fbi"),
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
    [MemberData(nameof(NamesAndEngines))]
    public void Chunks_and_threads_change_no_bit(string name, Engine engine)
    {
        var module = Modules[name]();
        var ids = new Numbers(7).Ids(Tokens, module.VocabularyRows);
        var expected = Running.Logits(module, ids, chunk: 128, threads: 1, engine);
        Assert.All(expected, value => Assert.True(float.IsFinite(value)));
        Assert.NotEqual(expected[..module.VocabularyRows], expected[^module.VocabularyRows..]);
        foreach (var chunk in (int[])[1, 3, 16, 128])
        {
            foreach (var threads in (int[])[1, 2, 3])
                Running.AssertSameBits(expected, Running.Logits(module, ids, chunk, threads, engine));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void State_is_carried_from_run_to_run(string name)
    {
        var module = Modules[name]();
        var ids = new Numbers(8).Ids(Tokens, module.VocabularyRows);
        var runner = new ModelRunner(module, new RuntimeOptions(2, 4, Engine.Reference));
        var state = runner.NewState();
        var whole = Running.Logits(runner, state, ids);
        foreach (var cut in (int[])[1, 2, 5, 40])
        {
            state.Reset();
            var first = Running.Logits(runner, state, ids.AsSpan(0, cut));
            Assert.Empty(Running.Logits(runner, state, []));
            var second = Running.Logits(runner, state, ids.AsSpan(cut));
            Running.AssertSameBits(whole, [.. first, .. second]);
        }

        // A run without logits moves the state just so.
        state.Reset();
        runner.Run(state, ids.AsSpan(0, 17), null, cancellation: Cancellation);
        Running.AssertSameBits(whole.AsSpan(17 * module.VocabularyRows), Running.Logits(runner, state, ids.AsSpan(17)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_last_row_is_that_of_the_run(string name)
    {
        var module = Modules[name]();
        var ids = new Numbers(9).Ids(Tokens, module.VocabularyRows);
        var expected = Running.Logits(module, ids);
        var rows = module.VocabularyRows;
        foreach (var chunk in (int[])[1, 3, 128])
        {
            var runner = new ModelRunner(module, new RuntimeOptions(2, chunk, Engine.Reference));
            var state = runner.NewState();
            Running.AssertSameBits(expected.AsSpan(0, rows), runner.RunToLast(state, ids.AsSpan(0, 1), Cancellation));
            Running.AssertSameBits(expected.AsSpan(20 * rows, rows), runner.RunToLast(state, ids.AsSpan(1, 20), Cancellation));
            Running.AssertSameBits(expected.AsSpan(40 * rows, rows), runner.RunToLast(state, ids.AsSpan(21), Cancellation));
        }
    }

    [Fact]
    public void States_are_apart()
    {
        var module = new Mamba2Sample().Build();
        var runner = new ModelRunner(module, new RuntimeOptions(1, 3, Engine.Reference));
        var (left, right) = (runner.NewState(), runner.NewState());
        var ids = new Numbers(10).Ids(12, module.VocabularyRows);
        var expected = Running.Logits(runner, runner.NewState(), ids);
        var ones = new List<float>();
        for (var i = 0; i < ids.Length; i++)
        {
            ones.AddRange(Running.Logits(runner, left, ids.AsSpan(i, 1)));
            runner.Run(right, ids.AsSpan(0, 3), null, cancellation: Cancellation);
        }

        Running.AssertSameBits(expected, [.. ones]);
    }

    [Fact]
    public void A_state_has_the_bytes_of_its_convolution_and_scan()
    {
        static long Floats(Mamba2Sample sample) => new ModelRunner(sample.Build(), new RuntimeOptions(1)).NewState().ByteLength / sizeof(float);
        const int Scan = Mamba2Sample.Inner * Mamba2Sample.StateSize;
        Assert.Equal((3 * 32) + Scan, Floats(new Mamba2Sample()));
        Assert.Equal(Scan, Floats(new Mamba2Sample { ConvWidth = 1 }));
        Assert.Equal((4 * 26) + Scan, Floats(new Mamba2Sample { ConvWidth = 5, Groups = 1 }));
    }

    [Fact]
    public void The_observer_sees_every_block_of_every_chunk()
    {
        var module = new Mamba2Sample().Build();
        var ids = new Numbers(11).Ids(10, module.VocabularyRows);
        var runner = new ModelRunner(module, new RuntimeOptions(2, 4));
        var recorder = new Running.Recorder();
        var logits = Running.Logits(runner, runner.NewState(), ids, recorder);
        Assert.Equal(
            [(0, 0, 4), (1, 0, 4), (2, 0, 4), (0, 4, 4), (1, 4, 4), (2, 4, 4), (0, 8, 2), (1, 8, 2), (2, 8, 2)],
            recorder.Calls.Select(call => (call.Block, call.FirstToken, call.Count)));
        Running.AssertSameBits(logits, [.. recorder.Calls.Where(call => call.Block == 2).SelectMany(call => call.Values)]);
        var embedding = Tensors.TensorReading.ToSingles(module.Resources["embedding.weight"].Data);
        Running.AssertSameBits(
            [.. ids.SelectMany(id => embedding.AsSpan(id * Mamba2Sample.Width, Mamba2Sample.Width).ToArray())],
            [.. recorder.Calls.Where(call => call.Block == 0).SelectMany(call => call.Values)]);
    }

    [Fact]
    public void A_run_without_logits_leaves_the_head_out()
    {
        var module = new Mamba2Sample().Build();
        var runner = new ModelRunner(module, new RuntimeOptions(2, 4));
        var recorder = new Running.Recorder();
        runner.Run(runner.NewState(), [1, 2], null, recorder, Cancellation);
        Assert.Equal([0, 1], recorder.Calls.Select(call => call.Block));
    }

    [Fact]
    public void Cancelling_stops_between_chunks()
    {
        var runner = new ModelRunner(new Mamba2Sample().Build(), new RuntimeOptions(1, 2));
        using var source = new CancellationTokenSource();
        var chunks = 0;
        Assert.Throws<OperationCanceledException>(() => runner.Run(runner.NewState(), [1, 2, 3, 4, 5, 6], (_, _) =>
        {
            if (++chunks == 2)
                source.Cancel();
        }, cancellation: source.Token));
        Assert.Equal(2, chunks);
    }

    [Fact]
    public void Logits_that_are_a_part_of_a_split()
    {
        var weights = new Weights(3);
        var embed = weights.Embed(weights.Random("embedding.weight", 1, 5, 8));
        var head = weights.Block("head", "h", 8);
        head.AddMany(["a", "b"], OpCode.Split, [("x", "h")], (Attributes.Sizes, new AttributeValue.Ints([3, 5])));
        var module = new Module("m", Level.Float, [], weights.Map, [embed, head.Return("b")]);
        var embedding = Tensors.TensorReading.ToSingles(weights.Map["embedding.weight"].Data);
        var logits = Running.Logits(module, [4, 0, 2], chunk: 3);
        Running.AssertSameBits([.. ((int[])[4, 0, 2]).SelectMany(id => embedding.AsSpan((id * 8) + 3, 5).ToArray())], logits);
    }
}
