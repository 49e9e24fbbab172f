using BiMamba.Runtime;

namespace BiMamba.IR.Tests;

/// <summary>A state of bf16 costs little, is half as long, and depends on nothing but the tokens before it.</summary>
public sealed class StateTypeTests
{
    private const int Tokens = 41;

    // bf16 keeps 8 bits: every step errs by 2^-9 of the state at most, and errors decay with the state.
    private const float Bound = 0.02f;

    private static readonly Dictionary<string, Func<Module>> Modules = new(StringComparer.Ordinal)
    {
        ["mamba1"] = () => Mamba1Sample.Build(),
        ["mamba2"] = () => new Mamba2Sample().Build(),
        ["packed"] = () => Running.Apply(new Mamba2Sample().Build(), "fold-fbi | pack"),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, Engine> NamesAndEngines =>
        [.. Modules.Keys.SelectMany(name => Enum.GetValues<Engine>().Select(engine => (name, engine)))];

    [Theory]
    [MemberData(nameof(NamesAndEngines))]
    public void It_is_near_fp32(string name, Engine engine)
    {
        var module = Modules[name]();
        var ids = new Numbers(40).Ids(Tokens, module.VocabularyRows);
        var expected = Running.Logits(module, ids, engine: engine);
        var actual = Running.Logits(module, ids, engine: engine, state: StateType.BF16);
        var largest = expected.Max(Math.Abs);
        var difference = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(difference, float.Epsilon, Bound * largest);
    }

    [Theory]
    [MemberData(nameof(NamesAndEngines))]
    public void Chunks_and_threads_change_no_bit(string name, Engine engine)
    {
        var module = Modules[name]();
        var ids = new Numbers(41).Ids(Tokens, module.VocabularyRows);
        var expected = Running.Logits(module, ids, 128, 1, engine, StateType.BF16);
        foreach (var chunk in (int[])[1, 3, 16])
        {
            foreach (var threads in (int[])[1, 2, 3])
                Running.AssertSameBits(expected, Running.Logits(module, ids, chunk, threads, engine, StateType.BF16));
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndEngines))]
    public void A_batch_changes_no_bit(string name, Engine engine)
    {
        var module = Modules[name]();
        var rows = module.VocabularyRows;
        int[] lengths = [17, 2, 41];
        var ids = lengths.Select((length, i) => new Numbers(42 + i).Ids(length, rows)).ToArray();
        var runner = new ModelRunner(module, new RuntimeOptions(2, 16, engine, StateType.BF16));
        var batch = ids.Select(tokens => new Sequence(runner.NewState(), tokens)).ToArray();
        var logits = ids.Select(tokens => new float[tokens.Length * rows]).ToArray();
        runner.Run(batch, (sequence, first, values) => values.Values[..(values.Count * rows)].CopyTo(logits[sequence].AsSpan(first * rows)), Cancellation);
        for (var i = 0; i < ids.Length; i++)
            Running.AssertSameBits(Running.Logits(module, ids[i], engine: engine, state: StateType.BF16), logits[i]);
    }

    [Theory]
    [InlineData("mamba1")]
    [InlineData("packed")]
    public void Token_by_token_both_engines_give_the_same_bits(string name)
    {
        var module = Modules[name]();
        var ids = new Numbers(45).Ids(9, module.VocabularyRows);
        foreach (var engine in Enum.GetValues<Engine>())
        {
            var runner = new ModelRunner(module, new RuntimeOptions(2, Engine: engine, StateType: StateType.BF16));
            var state = runner.NewState();
            var whole = Running.Logits(runner, state, ids);
            state.Reset();
            Running.AssertSameBits(whole, [.. ids.SelectMany(id => runner.RunToLast(state, [id], Cancellation).ToArray())]);
        }
    }

    [Fact]
    public void The_state_of_the_scan_has_half_the_bytes()
    {
        const int Scan = Mamba2Sample.Inner * Mamba2Sample.StateSize;
        var module = new Mamba2Sample().Build();
        var (wide, narrow) = (Bytes(StateType.F32), Bytes(StateType.BF16));
        Assert.Equal(sizeof(ushort) * Scan, wide - narrow);

        long Bytes(StateType type) => new ModelRunner(module, new RuntimeOptions(1, StateType: type)).NewState().ByteLength;
    }
}
