using BiMamba.Diagnostics;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Runtime.Calibration;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>Passes that make low-bit linears: what they need, what they say, and in which order they work.</summary>
public sealed class LowBitPassTests
{
    private static readonly ICalibration Text = new SampledCalibration([[0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 3], [8, 8, 1, 0, 5, 2, 2, 7]], 2);

    [Theory]
    [InlineData("gptq")]
    [InlineData("billm")]
    public void Without_calibration_nothing_is_guessed(string pass) => Fails("BIM2112", pass, null);

    [Fact]
    public void A_linear_that_no_token_reached_is_an_error() => Fails("BIM2113", "gptq", new Fixed(_ => 1, tokens: 0));

    [Fact]
    public void Activations_that_are_not_numbers_are_named()
    {
        var found = Fails("BIM2114", "billm", new Fixed(_ => 1, notFinite: (3, 14, 15)));
        Assert.Contains("sample 3, token 14, column 15", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Hessian_of_one_direction_gets_more_damping()
    {
        var bag = new DiagnosticBag();
        Assert.NotNull(Apply("gptq{percdamp=0.0}", new Fixed(_ => 1), bag));
        Assert.Contains(bag.Items, item => item.Id == "BIM2115");
    }

    [Fact]
    public void A_Hessian_that_is_not_finite_is_refused() => Fails("BIM2116", "gptq", new Fixed(_ => float.PositiveInfinity));

    [Fact]
    public void The_release_takes_out_proj_first_and_says_so()
    {
        var bag = new DiagnosticBag();
        Assert.NotNull(Apply("gptq{compat=bimamba-release}", Text, bag, out var released));
        Assert.Contains(bag.Items, item => item.Id == "BIM2117");
        Assert.NotNull(Apply("gptq", Text, bag = new DiagnosticBag(), out var usual));
        Assert.Empty(bag.Items);
        Assert.Equal(["layers.0.out_proj.weight", "layers.0.in_proj.weight"], released);
        Assert.Equal(["layers.0.in_proj.weight", "layers.0.out_proj.weight"], usual);
    }

    [Fact]
    public void Both_Hessians_of_a_block_can_come_from_the_block_as_it_was()
    {
        var sequential = Apply("gptq{bits=2}", Text, new DiagnosticBag())!;
        var parallel = Apply("gptq{bits=2, true_sequential=false}", Text, new DiagnosticBag())!;
        Assert.Equal(sequential.Resources["layers.0.in_proj.codes"].Sha256, parallel.Resources["layers.0.in_proj.codes"].Sha256);
        Assert.NotEqual(sequential.Resources["layers.0.out_proj.codes"].Sha256, parallel.Resources["layers.0.out_proj.codes"].Sha256);
    }

    [Theory]
    [InlineData("rtn{bits=3, group=4}")]
    [InlineData("rtn{bits=8, sym=true}")]
    [InlineData("xnor{scale=column}")]
    [InlineData("xnor{scale=tensor, center=restore}")]
    [InlineData("onebit")]
    [InlineData("ternary")]
    [InlineData("ternary{scale=row}")]
    [InlineData("gptq{bits=2, group=8, act_order=true}")]
    [InlineData("gptq{bits=4, group=8, act_order=true, static_groups=true, sym=true}")]
    [InlineData("billm{block=8}")]
    [InlineData("billm{salient=magnitude, orders=1}")]
    public void The_bytes_do_not_depend_on_threads_and_packing_keeps_the_logits(string pass)
    {
        var (one, two) = (Apply(pass, Text, new DiagnosticBag(), 1)!, Apply(pass, Text, new DiagnosticBag(), 3)!);
        Assert.Equal(IrPrinter.Print(one), IrPrinter.Print(two));
        var packed = Running.Apply(one, "pack");
        int[] ids = [0, 1, 2, 3, 8];
        var (expected, actual) = (Running.Logits(one, ids), Running.Logits(packed, ids));
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4);
    }

    [Fact]
    public void Weights_that_are_kept_stay_as_they_are()
    {
        var module = Apply("rtn{keep=[\"*out_proj*\"]}", null, new DiagnosticBag())!;
        Assert.Equal(Encoding.F32, module.Resources["layers.0.out_proj.weight"].Encoding);
        Assert.Equal("u8[36,10]", module.Resources["layers.0.in_proj.codes"].TypeText);
        Fails("BIM2109", "rtn{tensors=[\"*in_proj*\", \"*out_porj*\"]}", null);
        Fails("BIM2109", "rtn{keep=[\"*out_project*\"]}", null);
    }

    private static Diagnostic Fails(string id, string pass, ICalibration? calibration)
    {
        var bag = new DiagnosticBag();
        Assert.Null(Apply(pass, calibration, bag));
        var found = Assert.Single(bag.Items);
        Assert.Equal(id, found.Id);
        return found;
    }

    private static Module? Apply(string pass, ICalibration? calibration, DiagnosticBag bag, int threads = 2) => Apply(pass, calibration, bag, out _, threads);

    private static Module? Apply(string pass, ICalibration? calibration, DiagnosticBag bag, out List<string> order, int threads = 2)
    {
        var parsed = PassTable.Parse(new SourceText("pipeline", pass), bag);
        Assert.True(parsed is not null, string.Join('\n', bag.Items));
        var context = new PassContext(bag, threads, TestContext.Current.CancellationToken) { Calibration = calibration };
        var result = PassManager.Run(Mamba1Sample.Build(), parsed, context);
        order = [.. context.Measurements.Where(item => item.Measure == "bits a weight").Select(item => item.Resource)];
        return result;
    }

    /// <summary>Moments that are the same everywhere.</summary>
    private sealed class Fixed(Func<int, float> element, long tokens = 1, (int, int, int)? notFinite = null) : ICalibration, ICalibrationRun
    {
        public int Samples => 1;

        public CalibrationState State { get; private set; } = new(0, []);

        public ICalibrationRun Start(CancellationToken cancellation) => this;

        public InputMoments Capture(Module module, string value)
        {
            var width = module.Blocks.Select(block => block.Find(value)).OfType<Value>().First().Type.Width;
            return new InputMoments([.. Enumerable.Range(0, (int)(width * width)).Select(element)], tokens, notFinite);
        }

        public void Advance(Module module, string? value = null) => State = State with { Block = State.Block + 1 };

        public bool Jump(Module module, CalibrationState state) => false;
    }
}
