using System.Reflection;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR.Reading;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>The order of levels and the run of a pipeline.</summary>
public sealed class PassManagerTests
{
    [Theory]
    [InlineData(Level.Fbi, "", Level.Fbi)]
    [InlineData(Level.Fbi, "fold-fbi", Level.Quant)]
    [InlineData(Level.Fbi, "pack", Level.Packed)]
    [InlineData(Level.Float, "pack", Level.Packed)]
    [InlineData(Level.Fbi, "quantize-embedding | fold-fbi | quantize-embedding | pack | quantize-embedding", Level.Packed)]
    public void A_pipeline_in_order_has_a_level(Level before, string text, Level after)
    {
        var bag = new DiagnosticBag();
        Assert.Equal(after, PassManager.CheckLevels(Parse(text), before, PassTable.All, bag));
        Assert.Empty(bag.Items);
    }

    [Theory]
    [InlineData(Level.Fbi, "pack | fold-fbi", 2, "stage 'fold-fbi' needs level fbi, but the module is at level packed", "put it before 'pack'")]
    [InlineData(Level.Fbi, "quantize-embedding | pack | fold-fbi", 3, "stage 'fold-fbi' needs level fbi", "put it before 'quantize-embedding'")]
    [InlineData(Level.Float, "fold-fbi | pack", 1, "stage 'fold-fbi' needs level fbi, but the module is at level float", "a module at level float has no use for 'fold-fbi': remove it")]
    [InlineData(Level.Fbi, "fold-fbi | fold-fbi", 2, "but the module is at level quant", "'fold-fbi' has run as stage 1 already: remove one of them")]
    [InlineData(Level.Fbi, "pack | pack", 2, "stage 'pack' needs level float or fbi or quant, but the module is at level packed", "'pack' has run as stage 1 already: remove one of them")]
    public void A_pipeline_out_of_order_says_what_to_do(Level before, string text, int stage, string message, string hint)
    {
        var bag = new DiagnosticBag();
        Assert.Null(PassManager.CheckLevels(Parse(text), before, PassTable.All, bag));
        var item = Assert.Single(bag.Items);
        Assert.Equal(PipelineDiagnostics.LevelOrder, item.Descriptor);
        Assert.Equal("BIM3007", item.Id);
        Assert.Equal($"stage {stage}", item.Place.Field);
        Assert.Contains(message, item.Message, StringComparison.Ordinal);
        Assert.Equal(hint, item.Hint);
    }

    [Fact]
    public void A_pass_that_bridges_the_levels_is_named()
    {
        var late = new Rewrite("late", Level.Quant, Level.Packed, module => module);
        var bag = new DiagnosticBag();
        var pipeline = new PassPipeline([new Stage(late, new PassOptions([]))]);
        Assert.Null(PassManager.CheckLevels(pipeline, Level.Fbi, [.. PassTable.All, late], bag));
        Assert.Equal("put 'fold-fbi' before it", Assert.Single(bag.Items).Hint);
    }

    [Fact]
    public void The_module_is_verified_before_the_first_pass()
    {
        var bag = new DiagnosticBag();
        Assert.Null(PassManager.Run(Broken.Shaped("layers.0.d", 3), Parse("pack"), Context(bag)));
        Assert.Equal("input module", Assert.Single(bag.Items).Place.File);
    }

    [Fact]
    public void The_module_is_verified_after_every_pass()
    {
        var breaking = new Rewrite("breaking", Level.Fbi, Level.Fbi, module => module with { Resources = module.Resources.Remove("norm.weight") });
        var bag = new DiagnosticBag();
        Assert.Null(PassManager.Run(new Mamba2Sample().Build(), new PassPipeline([new Stage(breaking, new PassOptions([]))]), Context(bag)));
        var item = Assert.Single(bag.Items);
        Assert.Equal(("BIM2003", "after breaking"), (item.Id, item.Place.File));
    }

    [Fact]
    public void A_pass_that_gives_another_level_is_a_bug()
    {
        var wrong = new Rewrite("wrong", Level.Fbi, Level.Quant, module => module);
        Assert.Throws<InvalidOperationException>(() =>
            PassManager.Run(new Mamba2Sample().Build(), new PassPipeline([new Stage(wrong, new PassOptions([]))]), Context(new DiagnosticBag())));
    }

    [Fact]
    public void An_error_of_a_pass_stops_the_pipeline()
    {
        var stopping = new Rewrite("stopping", Level.Fbi, Level.Fbi, _ => null);
        var never = new Rewrite("never", Level.Fbi, Level.Fbi, _ => throw new InvalidOperationException("not reached"));
        Assert.Null(PassManager.Run(new Mamba2Sample().Build(), new PassPipeline([new Stage(stopping, new PassOptions([])), new Stage(never, new PassOptions([]))]), Context(new DiagnosticBag())));
    }

    [Fact]
    public void A_pass_that_reads_weights_refuses_text_without_them()
    {
        var text = IrParser.Parse(new SourceText("x", IrPrinter.Print(new Mamba2Sample().Build())), new DiagnosticBag())!;
        var bag = new DiagnosticBag();
        Assert.Null(PassManager.Run(text.Module, Parse("fold-fbi"), Context(bag)));
        var item = Assert.Single(bag.Items);
        Assert.Equal(("BIM3009", "embedding.weight"), (item.Id, item.Place.Tensor));
        Assert.NotNull(PassManager.Run(text.Module, new PassPipeline([]), Context(bag)));
    }

    [Fact]
    public void Cancelling_stops_the_run()
    {
        var context = new PassContext(new DiagnosticBag(), 1, new CancellationToken(canceled: true));
        Assert.Throws<OperationCanceledException>(() => PassManager.Run(new Mamba2Sample().Build(), Parse("pack"), context));
    }

    [Fact]
    public void Every_row_has_a_test_that_names_its_id()
    {
        var rows = typeof(PipelineDiagnostics).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => ((DiagnosticDescriptor)field.GetValue(null)!).Id).ToArray();
        Assert.Equal(rows.Length, rows.Distinct(StringComparer.Ordinal).Count());
        // BIM3008 belongs to the command line, which knows what a pipeline is used for.
        var tests = string.Concat(((string[])["BiMamba.IR.Tests", "BiMamba.CommandLine.Tests"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", folder), "*.cs", SearchOption.AllDirectories)).Select(File.ReadAllText));
        Assert.All(rows, id => Assert.Contains($"\"{id}\"", tests, StringComparison.Ordinal));
    }

    private static PassContext Context(DiagnosticBag bag) => new(bag, 1, TestContext.Current.CancellationToken);

    private static PassPipeline Parse(string text)
    {
        var bag = new DiagnosticBag();
        return PipelineParser.Parse(new SourceText("pipeline", text), PassTable.All, bag) ?? throw new InvalidOperationException(string.Join('\n', bag.Items));
    }

    private sealed class Rewrite(string name, Level takes, Level gives, Func<Module, Module?> rewrite) : Pass
    {
        public override PassInfo Info { get; } = new(name, "A test.", [new LevelRule(takes, gives)], [], name);

        public override Module? Run(Module module, PassOptions options, PassContext context) => rewrite(module);
    }
}
