using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR.Reading;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Pipeline.Instruments;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>What watches the pass manager.</summary>
public sealed class InstrumentTests
{
    private static readonly PrintSelection All = new(true, []);

    [Fact]
    public void Printing_shows_the_module_before_and_after_the_selected_stages()
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        var result = Run("fold-fbi | pack", new IrPrinting(text, new PrintSelection(false, ["pack"]), All, onlyChanges: false))!;
        var parts = text.ToString().Split("; IR ", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["after fold-fbi{fidelity=latent} (stage 1)", "before pack{word=64} (stage 2)", "after pack{word=64} (stage 2)"],
            parts.Select(part => part[..part.IndexOf('\n', StringComparison.Ordinal)]));
        Assert.All(parts, part => Assert.NotNull(IrParser.Parse(new SourceText("print", "; IR " + part), new DiagnosticBag())));
        Assert.EndsWith(IrPrinter.Print(result), text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Printing_of_changes_leaves_out_what_did_not_change()
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        var pipeline = new PassPipeline([.. Parse("pack").Stages, new Stage(new Failing("does not", Level.Packed), new PassOptions([]))]);
        Run(pipeline, new IrPrinting(text, PrintSelection.None, All, onlyChanges: true));
        Assert.EndsWith("; IR after failing (stage 2): no change\n", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, Count(text.ToString(), "module @"));
    }

    [Fact]
    public void Timing_has_a_row_a_stage()
    {
        var timing = new PassTiming();
        Run("fold-fbi | pack", timing);
        Assert.Equal(["fold-fbi", "pack"], timing.Rows.Select(row => row.Stage));
        Assert.All(timing.Rows, row => Assert.True(row.Time.Pass > TimeSpan.Zero && row.Time.Verifier > TimeSpan.Zero));
        var table = new StringWriter(CultureInfo.InvariantCulture);
        timing.Write(table);
        Assert.Equal(4, table.ToString().Split('\n').Length);
    }

    [Theory]
    [InlineData("reports")]
    [InlineData("breaks")]
    [InlineData("throws")]
    public void A_failure_leaves_a_reproducer_that_runs_again(string how)
    {
        using var folder = new TemporaryFolder();
        var failing = new Failing(how);
        var bag = new DiagnosticBag();
        var pipeline = new PassPipeline([.. Parse("fold-fbi").Stages, new Stage(failing, new PassOptions([])), .. Parse("pack").Stages]);
        var options = new PassRunOptions { Instruments = [new Reproducer(folder["repro.bmir"], force: false)] };
        Module? Again(Module module, PassPipeline stages, PassRunOptions? watched = null) => PassManager.Run(module, stages, new PassContext(bag, 1, TestContext.Current.CancellationToken), watched);
        if (how == "throws")
            Assert.Throws<InvalidOperationException>(() => Again(new Mamba2Sample().Build(), pipeline, options));
        else
            Assert.Null(Again(new Mamba2Sample().Build(), pipeline, options));
        var source = SourceText.Load(folder["repro.bmir"], new DiagnosticBag())!;
        Assert.Contains("; failed: failing\n", source.Content, StringComparison.Ordinal);
        Assert.Contains("; ran: fold-fbi{fidelity=latent}\n", source.Content, StringComparison.Ordinal);
        Assert.Contains("; pipeline: failing | pack{word=64}\n", source.Content, StringComparison.Ordinal);
        Assert.Equal(how != "throws", source.Content.Contains("; error BIM", StringComparison.Ordinal));
        var weights = Again(new Mamba2Sample().Build(), Parse("fold-fbi"))!;
        var text = IrParser.Parse(source, bag)!;
        Assert.NotNull(WeightBinder.Bind(text, row => weights.Resources.GetValueOrDefault(row.Name), "the model", bag));
    }

    [Theory]
    [InlineData("fold-fbi", "fold-fbi{fidelity=latent}")]
    [InlineData("", "")]
    public void A_reproducer_names_the_stages_before_the_run_too(string stages, string own)
    {
        using var folder = new TemporaryFolder();
        PassPipeline pipeline = new([.. Parse(stages).Stages, new Stage(new Failing("reports", stages.Length > 0 ? Level.Quant : Level.Fbi), new PassOptions([]))]);
        Assert.Null(Run(pipeline, new Reproducer(folder["repro.bmir"], force: false, "canonicalize | rename{map=[]}")));
        var ran = TextDirectives.Read(SourceText.Load(folder["repro.bmir"], new DiagnosticBag())!).Find(Reproducer.Ran)!.Value;
        Assert.Equal("canonicalize | rename{map=[]}" + (own.Length > 0 ? " | " + own : ""), ran);
    }

    [Fact]
    public void A_failure_without_a_reproducer_leaves_nothing_and_a_run_without_a_failure_neither()
    {
        using var folder = new TemporaryFolder();
        Run("fold-fbi | pack", new Reproducer(folder["repro.bmir"], force: false));
        Assert.False(File.Exists(folder["repro.bmir"]));
    }

    [Fact]
    public void Without_verifying_each_stage_the_last_module_is_verified()
    {
        var bag = new DiagnosticBag();
        PassPipeline pipeline = new([new Stage(new Failing("breaks", Level.Fbi), new PassOptions([]))]);
        var text = new StringWriter(CultureInfo.InvariantCulture);
        Assert.Null(PassManager.Run(new Mamba2Sample().Build(), pipeline, new PassContext(bag, 1, TestContext.Current.CancellationToken), new PassRunOptions { VerifyEach = false, Instruments = [new IrPrinting(text, PrintSelection.None, All, false)] }));
        Assert.Contains("module @sample", text.ToString(), StringComparison.Ordinal);
        Assert.Equal("result", bag.Items.Single().Place.File);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static PassPipeline Parse(string text) => PassTable.Parse(new SourceText("pipeline", text), new DiagnosticBag())!;

    private static Module? Run(string pipeline, params PassInstrument[] instruments) => Run(Parse(pipeline), instruments);

    private static Module? Run(PassPipeline pipeline, params PassInstrument[] instruments) =>
        PassManager.Run(new Mamba2Sample().Build(), pipeline, new PassContext(new DiagnosticBag(), 1, TestContext.Current.CancellationToken), new PassRunOptions { Instruments = [.. instruments] });

    private sealed class Failing(string how, Level level = Level.Quant) : Pass
    {
        public override PassInfo Info { get; } = new("failing", "A test.", [new LevelRule(level, level)], [], "failing");

        public override Module? Run(Module module, PassOptions options, PassContext context)
        {
            if (how == "throws")
                throw new InvalidOperationException("a bug");
            if (how == "breaks")
                return module with { Resources = module.Resources.Remove("norm.weight") };
            if (how == "does not")
                return module;
            context.Diagnostics.Add(PipelineDiagnostics.NotFinite, "expected a number", new Place("failing"));
            return null;
        }
    }
}
