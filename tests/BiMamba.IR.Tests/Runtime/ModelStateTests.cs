using BiMamba.Runtime;

namespace BiMamba.IR.Tests;

/// <summary>Sequences that go on from a copy of a state get the bits that they get from their beginning.</summary>
public sealed class ModelStateTests
{
    private const int Prefix = 19;
    private const int Rest = 7;

    private static readonly Dictionary<string, Func<Module>> Modules = new(StringComparer.Ordinal)
    {
        ["mamba1"] = () => Mamba1Sample.Build(),
        ["mamba2"] = () => new Mamba2Sample().Build(),
        ["packed"] = () => Running.Apply(new Mamba2Sample().Build(), "fold-fbi | pack"),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, Engine, StateType> Cases =>
        [.. Modules.Keys.SelectMany(name => Enum.GetValues<Engine>().SelectMany(engine => Enum.GetValues<StateType>().Select(type => (name, engine, type))))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Copies_go_on_as_the_whole_does(string name, Engine engine, StateType type)
    {
        var module = Modules[name]();
        var prefix = new Numbers(50).Ids(Prefix, module.VocabularyRows);
        var runner = new ModelRunner(module, new RuntimeOptions(2, 16, engine, type));
        var state = runner.NewState();
        runner.Run(state, prefix, null, cancellation: Cancellation);
        var other = runner.NewState();
        // What the copy held before does not matter.
        runner.Run(other, prefix.AsSpan(..5), null, cancellation: Cancellation);
        for (var i = 0; i < 3; i++)
        {
            var rest = new Numbers(51 + i).Ids(Rest, module.VocabularyRows);
            other.CopyFrom(state);
            var whole = Running.Logits(module, [.. prefix, .. rest], engine: engine, state: type);
            Running.AssertSameBits(whole.AsSpan(Prefix * module.VocabularyRows), Running.Logits(runner, other, rest));
        }
    }

    [Fact]
    public void States_of_other_layouts_are_no_source()
    {
        var module = new Mamba2Sample().Build();
        var state = new ModelRunner(module, new RuntimeOptions(1)).NewState();
        Assert.Throws<ArgumentException>(() => state.CopyFrom(new ModelRunner(module, new RuntimeOptions(1, StateType: StateType.BF16)).NewState()));
        state.CopyFrom(new ModelRunner(module, new RuntimeOptions(1, 3)).NewState());
    }
}
