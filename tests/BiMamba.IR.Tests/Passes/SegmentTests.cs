using BiMamba.Diagnostics;
using BiMamba.Passes;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;
using BiMamba.Runtime.Calibration;
using BiMamba.Tensors;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>Segments of the projections: their names, and passes that treat them in different ways.</summary>
public sealed class SegmentTests
{
    private const int Inner = 18;
    private const int Both = 2 * Inner;
    private static readonly int[] Ids = [0, 1, 2, 3, 8, 5, 5];
    private static readonly ICalibration Text = new SampledCalibration([[0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 3], [8, 8, 1, 0, 5, 2, 2, 7]], 2);

    [Fact]
    public void Segments_are_named_by_what_becomes_of_them()
    {
        var sample = new Mamba2Sample();
        var state = sample.Groups * Mamba2Sample.StateSize;
        Assert.Equal(
            [
                new("z", 0, Mamba2Sample.Inner), new("x", Mamba2Sample.Inner, Mamba2Sample.Inner), new("B", 2 * Mamba2Sample.Inner, state),
                new("C", (2 * Mamba2Sample.Inner) + state, state), new("dt", (2 * Mamba2Sample.Inner) + (2 * state), Mamba2Sample.Heads),
            ],
            Of(sample.Build(), "p"));
        Assert.Equal([new("x", 0, Inner), new("z", Inner, Inner)], Of(Mamba1Sample.Build(), "p"));
        Assert.Equal([new("dt", 0, 2), new("B", 2, 4), new("C", 6, 4)], Of(Mamba1Sample.Build(), "q"));
        Assert.Equal([new("dt", 0, Inner)], Of(Mamba1Sample.Build(), "dt"));
        Assert.Equal([new("", 0, 10)], Of(Mamba1Sample.Build(), "o"));
    }

    [Fact]
    public void A_kept_segment_has_its_rows_and_the_others_the_codes_they_would_have()
    {
        var whole = Apply("rtn{bits=3}");
        var cut = Apply("rtn{bits=3, keep=[\"in_proj[z]\"]}");
        Assert.Equal(Mamba1Sample.Build().Resources["layers.0.in_proj.weight"].Data.ToSingles()[(Inner * 10)..], cut.Resources["layers.0.in_proj.z.weight"].Data.ToSingles());
        Assert.Equal(whole.Resources["layers.0.in_proj.codes"].Data.ToBytes()[..(Inner * 10)], cut.Resources["layers.0.in_proj.x.codes"].Data.ToBytes());
        Assert.DoesNotContain("layers.0.in_proj.weight", cut.Resources.Keys);
        var packed = Running.Apply(cut, "pack");
        var (expected, actual) = (Running.Logits(cut, Ids), Running.Logits(packed, Ids));
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4);
    }

    [Fact]
    public void Cutting_changes_no_bit_of_the_logits()
    {
        var cut = Apply("rtn{bits=8, tensors=[\"x_proj[B]\"], keep=[\"in_proj[x]\"]} | rtn{bits=8, tensors=[\"x_proj[dt,C]\"]}");
        var whole = Apply("rtn{bits=8, tensors=[\"x_proj\"]}");
        Running.AssertSameBits(Running.Logits(whole, Ids), Running.Logits(cut, Ids));
        Assert.Equal(3, cut.Blocks[1].Body.Count(op => op.Code == OpCode.CodeLinear));
    }

    [Fact]
    public void A_rule_gives_a_segment_its_own_options_and_the_later_rule_counts()
    {
        var module = Apply("rtn{bits=2, rules=[\"*proj*:bits=3\", \"in_proj[z]:bits=5, group=4\"]}");
        Assert.Equal([(3, 0), (5, 4), (3, 0)], module.Blocks[1].Body.Where(op => op.Code == OpCode.CodeLinear).Select(op => (op.Int(Attributes.CodeBits), op.Int(Attributes.CodeGroup))));
    }

    [Theory]
    [InlineData("gptq{bits=2}", "gptq{bits=2, rules=[\"in_proj[x]:bits=4\"]}")]
    [InlineData("gptq{bits=2, group=4, act_order=true}", "gptq{bits=2, group=4, act_order=true, keep=[\"in_proj[x]\"]}")]
    public void Rows_are_calibrated_alike_alone_and_together(string whole, string cut)
    {
        var expected = Apply(whole).Resources["layers.0.in_proj.codes"].Data.ToBytes()[(Inner * 10)..];
        Assert.Equal(expected, Apply(cut).Resources["layers.0.in_proj.z.codes"].Data.ToBytes());
    }

    [Theory]
    [InlineData("rtn{keep=[\"in_proj[q]\"]}", "BIM2109", "x, z")]
    [InlineData("rtn{keep=[\"out_proj[q]\"]}", "BIM2109", "no segments")]
    [InlineData("rtn{tensors=[\"embedding\"]}", "BIM2109", "dense linear")]
    [InlineData("rtn{rules=[\"proj_in:bits=3\"]}", "BIM2109", "dense linear")]
    [InlineData("rtn{rules=[\"in_proj[x]\"]}", "BIM3004", "in_proj[dt]:bits=8")]
    [InlineData("rtn{rules=[\"in_proj[x:bits=3\"]}", "BIM3004", "in_proj[x")]
    [InlineData("rtn{rules=[\"in_proj[x]:bit=3\"]}", "BIM3004", "'bit'")]
    [InlineData("rtn{rules=[\"in_proj[x]:bits=9\"]}", "BIM3004", "from 2 to 8")]
    [InlineData("gptq{rules=[\"in_proj[x]:compat=bimamba-release\"]}", "BIM3004", "'compat'")]
    [InlineData("rtn{keep=[\"[x]\"]}", "BIM3004", "[x]")]
    public void What_names_nothing_is_an_error(string pass, string id, string words)
    {
        var bag = new DiagnosticBag();
        if (PassTable.Parse(new SourceText("pipeline", pass), bag) is { } parsed)
            Assert.Null(PassManager.Run(Mamba1Sample.Build(), parsed, Context(bag)));
        var found = Assert.Single(bag.Items);
        Assert.Equal(id, found.Id);
        Assert.Contains(words, found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_a_tensor_are_a_view_of_it()
    {
        var whole = MemoryTensor.Of([1, 2, 3, 4, 5, 6, 7, 8, 9], Shape.Of(3, 3));
        var rows = new RowsTensor(whole, 1, 2);
        Assert.Equal([4, 5, 6, 7, 8, 9], rows.ToSingles());
        Assert.True(rows.TryGetSpan(4, 8, out var span));
        Assert.Equal(rows.ToBytes()[4..12], span.ToArray());
        Assert.True(rows.IsSameStorage(new RowsTensor(whole, 1, 2)));
        Assert.False(rows.IsSameStorage(new RowsTensor(whole, 0, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RowsTensor(whole, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.TryGetSpan(20, 8, out _));
    }

    private static IEnumerable<Segment> Of(Module module, string value) =>
        Segments.Of(module.Blocks[1], module.Blocks[1].Body.First(op => op.Results.Any(result => result.Name == value)));

    private static Module Apply(string pass)
    {
        var bag = new DiagnosticBag();
        var module = PassManager.Run(Mamba1Sample.Build(), PassTable.Parse(new SourceText("pipeline", pass), bag)!, Context(bag));
        Assert.True(module is not null, string.Join('\n', bag.Items));
        return module;
    }

    private static PassContext Context(DiagnosticBag bag) => new(bag, 2, TestContext.Current.CancellationToken) { Calibration = Text };
}
