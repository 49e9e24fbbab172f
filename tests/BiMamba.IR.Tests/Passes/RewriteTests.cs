using BiMamba.Diagnostics;
using BiMamba.IR.Reading;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>What holds for every pass that keeps the level, on random modules and on the samples, with weights and without.</summary>
public sealed class RewriteTests(ITestOutputHelper output)
{
    private const int Modules = 80;

    /// <summary>
    /// A factor that moves into a norm's weight rounds once more: 2^-24 of a number. A module has up to 17 such norms, and
    /// norms, scales and linears behind them carry an error on without making it much larger. Seen: 1.9e-6 of the largest logit.
    /// </summary>
    private const double FuseBound = 1e-5;

    public static TheoryData<string> KeepsLevel =>
        [.. PassTable.All.Where(pass => pass.Info.Rules.All(rule => rule.Takes == rule.Gives) && pass.Info.Name != "rename").Select(pass => pass.Info.Name)];

    public static TheoryData<string> Texts =>
        [.. Directory.GetFiles(Repository.Golden("ir"), "*.verified.bmir", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Golden("ir"), file)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Idempotent => ["canonicalize", "fuse", "tie-weights", "tie-weights{all=true}", "untie", "cast{dtype=bf16}", "cast{dtype=f16, vectors=true}", "canonicalize | fuse | canonicalize"];

    public static TheoryData<string> SameBits => ["rename{map=[[\"*\", \"all.*\"]]}", "untie", "tie-weights", "tie-weights{all=true}", "cast{dtype=f32, vectors=true}", "untie | tie-weights{all=true}"];

    [Theory]
    [MemberData(nameof(KeepsLevel))]
    public void A_random_module_stays_valid(string pass)
    {
        // The manager verifies what a pass gives.
        for (var seed = 1; seed <= Modules; seed++)
            Running.Apply(RandomModule.Build(seed), pass);
    }

    [Theory]
    [InlineData("canonicalize", "splits merged", "identities removed", "operands without effect removed", "unread ops removed", "resources removed")]
    [InlineData("fuse", "activations", "factors behind norms", "linears into")]
    [InlineData("tie-weights{all=true}", "resources tied")]
    public void Random_modules_have_work_for_every_rule(string pass, params string[] rules)
    {
        var bag = new DiagnosticBag();
        for (var seed = 1; seed <= Modules; seed++)
            Running.Apply(RandomModule.Build(seed), pass, bag);
        foreach (var rule in rules)
            Assert.InRange(bag.Items.Count(item => item.Message.Contains(rule, StringComparison.Ordinal) && !item.Message.StartsWith("0 ", StringComparison.Ordinal)), Modules / 4, Modules);
    }

    [Theory]
    [MemberData(nameof(Idempotent))]
    public void Twice_is_once(string pass)
    {
        foreach (var module in All())
        {
            var once = Running.Apply(module, pass);
            Assert.Equal(IrPrinter.Print(once), IrPrinter.Print(Running.Apply(once, pass)));
        }
    }

    [Theory]
    [MemberData(nameof(SameBits))]
    public void Logits_have_the_same_bits(string pipeline)
    {
        foreach (var module in All())
            Running.AssertSameBits(Running.Logits(module, Ids(module)), Running.Logits(Running.Apply(module, pipeline), Ids(module)));
    }

    [Fact]
    public void Canonical_modules_give_the_same_numbers()
    {
        // A term of 0 less leaves -0 where +0 was, which is the same number.
        foreach (var module in All())
            Assert.Equal(Running.Logits(module, Ids(module)), Running.Logits(Running.Apply(module, "canonicalize"), Ids(module)));
    }

    [Fact]
    public void Fused_activations_and_linears_have_the_same_bits()
    {
        foreach (var module in All())
            Running.AssertSameBits(Running.Logits(module, Ids(module)), Running.Logits(Running.Apply(module, "fuse{norms=false}"), Ids(module), chunk: 4));
    }

    [Fact]
    public void Fused_norms_move_logits_by_roundings()
    {
        var worst = 0.0;
        foreach (var module in All())
        {
            var expected = Running.Logits(module, Ids(module));
            var actual = Running.Logits(Running.Apply(module, "canonicalize | fuse | canonicalize"), Ids(module));
            var moved = expected.Zip(actual, (left, right) => Math.Abs((double)left - right)).Max() / expected.Max(Math.Abs);
            worst = Math.Max(worst, moved);
            Assert.InRange(moved, 0, FuseBound);
        }

        output.WriteLine($"largest: {worst:E2}");
    }

    [Fact]
    public void A_module_without_weights_is_rewritten_as_far_as_it_can()
    {
        foreach (var pass in PassTable.All.Where(pass => pass.Info.Weights != WeightUse.Needed && pass.Info.Name != "rename"))
        {
            for (var seed = 1; seed <= Modules; seed++)
            {
                var bare = Bare(RandomModule.Build(seed));
                var result = Running.Apply(bare, pass.Info.Name);
                Assert.All(result.Resources.Values, resource => Assert.False(resource.HasData));
            }
        }
    }

    [Fact]
    public void Structure_is_rewritten_alike_with_weights_and_without()
    {
        for (var seed = 1; seed <= Modules; seed++)
        {
            var module = RandomModule.Build(seed);
            Assert.Equal(
                IrPrinter.Print(Running.Apply(module, "fuse{norms=false} | untie"), withHashes: false),
                IrPrinter.Print(Running.Apply(Bare(module), "fuse{norms=false} | untie"), withHashes: false));
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Text_of_a_model_is_rewritten_without_weights(string file)
    {
        var bag = new DiagnosticBag();
        var text = IrParser.Parse(new SourceText(file, File.ReadAllText(Repository.Golden("ir", file))), bag);
        Assert.True(text is not null, string.Join('\n', bag.Items));
        foreach (var pass in PassTable.All.Where(pass => pass.Info.Weights != WeightUse.Needed && pass.Info.Name != "rename"))
        {
            var once = Running.Apply(text.Module, pass.Info.Name);
            Assert.Equal(IrPrinter.Print(once), IrPrinter.Print(Running.Apply(once, pass.Info.Name)));
        }

        var there = Running.Apply(text.Module, "rename{map=[[\"*\", \"model.*\"]]}");
        Assert.Equal(IrPrinter.Print(text.Module), IrPrinter.Print(Running.Apply(there, "rename{map=[[\"model.*\", \"*\"]]}")));
    }

    /// <summary>The module as its text alone has it.</summary>
    internal static Module Bare(Module module) => module with
    {
        Resources = Module.ResourceMap(module.Resources.Values.Select(resource => Resource.Declared(resource.Name, resource.Encoding, resource.Shape, resource.ShortHash))),
    };

    private static int[] Ids(Module module) => new Numbers(9).Ids(12, module.VocabularyRows);

    private static IEnumerable<Module> All() =>
    [
        .. Enumerable.Range(1, Modules).Select(RandomModule.Build), Mamba1Sample.Build(), new Mamba2Sample().Build(), new FusableSample().Build(),
        Broken.Quant(), Broken.Packed(), Running.Apply(new Mamba2Sample().Build(), "pack"), Running.Apply(new Mamba2Sample().Build(), "quantize-embedding{bits=8, group=8}"),
    ];
}
