using BiMamba.Diagnostics;
using BiMamba.Kernels;
using BiMamba.Passes.Pack;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using static BiMamba.IR.Tests.FbiSample;

namespace BiMamba.IR.Tests;

/// <summary>pack: planes of bits, zeros beside them, the same bytes on any number of threads.</summary>
public sealed class PackTests
{
    [Theory]
    [InlineData(37, 50)]
    [InlineData(1, 1)]
    [InlineData(16, 32)]
    [InlineData(64, 129)]
    public void A_bit_is_a_sign(int rows, int columns)
    {
        var sample = Random(31, rows, columns);
        var packed = Running.Apply(sample.Build(), "fold-fbi | pack").Resources["layers.0.in_proj.sign"];
        Assert.Equal(Encoding.Sign1, packed.Encoding);
        var bytes = packed.Data.ToBytes();
        long ones = 0;
        for (var i = 0; i < sample.Latent.Length; i++)
        {
            var (at, bit) = SignTiles.Locate(i / columns, i % columns, columns);
            Assert.Equal(sample.Latent[i] > 0, ((bytes[at] >> bit) & 1) == 1);
            ones += sample.Latent[i] > 0 ? 1 : 0;
        }

        Assert.Equal(ones, bytes.Sum(value => (long)System.Numerics.BitOperations.PopCount(value)));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, Encoding.U32)]
    [InlineData(57, Encoding.U32)]
    [InlineData(58, Encoding.Mask1)]
    [InlineData(1850, Encoding.Mask1)]
    public void Zeros_are_a_list_up_to_one_in_32_and_a_bitmap_above(int count, Encoding? expected)
    {
        // 1850 / 32 = 57.8
        var sample = WithZeros(Random(32, 37, 50), count);
        var bag = new DiagnosticBag();
        var packed = Running.Apply(sample.Build(), "pack", bag);
        var zeros = packed.Resources.GetValueOrDefault("layers.0.in_proj.zeros");
        Assert.Equal(expected, zeros?.Encoding);
        Assert.Equal(count > 0 ? [$"{count} of 1850 weights are exactly zero and stay zero"] : [], bag.Items.Where(item => item.Id == "BIM2104").Select(item => item.Message));
        sample.AssertExact(Run(packed));
        sample.AssertExact(Run(Running.Apply(sample.Build(), "fold-fbi | pack")));
        var found = zeros is null ? [] : Listed(zeros, 50);
        Assert.Equal(Enumerable.Range(0, 1850).Where(i => sample.Latent[i] == 0), found);
    }

    [Fact]
    public void An_unfolded_linear_keeps_its_vectors()
    {
        var packed = Running.Apply(WithZeros(Random(33, 37, 50), 5).Build(), "pack");
        Assert.Equal(Level.Packed, packed.Level);
        Assert.Equal(
            ["x", "sign", "column_scale", "column_shift", "zeros", "bias"],
            packed.Blocks[FbiSample.Block].Body.Single(op => op.Code == OpCode.SignLinear).Operands.Select(operand => operand.Role));
    }

    [Theory]
    [InlineData("pack")]
    [InlineData("fold-fbi | pack")]
    [InlineData("fold-fbi{fidelity=official-fp16} | quantize-embedding{bits=4, group=6} | pack")]
    public void Bytes_do_not_depend_on_threads(string pipeline)
    {
        var module = new Mamba2Sample().Build();
        var one = Running.Apply(module, pipeline, threads: 1);
        foreach (var threads in (int[])[1, 2, 3])
        {
            var again = Running.Apply(module, pipeline, threads: threads);
            Assert.Equal(IrPrinter.Print(one), IrPrinter.Print(again));
            Assert.Equal(one.Resources.Keys, again.Resources.Keys);
            Assert.All(one.Resources.Values, resource => Assert.True(resource.Data.ContentEquals(again.Resources[resource.Name].Data), resource.Name));
        }
    }

    [Theory]
    [InlineData("pack", 0)]
    [InlineData("fold-fbi | pack", 0)]
    [InlineData("fold-fbi{fidelity=official-fp16} | pack", 0)]
    [InlineData("pack", 1849)]
    [InlineData("fold-fbi | pack", 1234)]
    public void A_NaN_is_named(string pipeline, int index)
    {
        var sample = Random(34, 37, 50);
        var bag = new DiagnosticBag();
        Assert.Null(Running.TryApply((sample with { Latent = Set(sample.Latent, index, float.NaN) }).Build(), pipeline, bag));
        var error = Assert.Single(bag.Items, item => item.Severity == Severity.Error);
        Assert.Equal(("BIM2105", "layers.0.in_proj.sign"), (error.Id, error.Place.Tensor));
        Assert.Equal($"expected a number at row {index / 50}, column {index % 50}, found NaN", error.Message);
    }

    [Fact]
    public void A_NaN_in_a_constant_column_is_named()
    {
        var sample = Random(35, 37, 50);
        var bag = new DiagnosticBag();
        var module = (sample with { Latent = Set(sample.Latent, 57, float.NaN), Scale = Set(sample.Scale, 7, 0) }).Build();
        Assert.Null(Running.TryApply(module, "fold-fbi | pack", bag));
        Assert.Contains(bag.Items, item => item.Id == "BIM2105" && item.Message.Contains("row 1, column 7", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_NaN_plane_is_named()
    {
        var module = new Mamba2Sample().Build();
        foreach (var name in (string[])["layers.0.in_proj.weight", "layers.0.out_proj.weight"])
        {
            var weight = module.Resources[name];
            module = Broken.Resource(module, new Resource(name, MemoryTensor.Of(Set(weight.Data.ToSingles(), 13, float.NaN), weight.Shape)));
        }

        var bag = new DiagnosticBag();
        Assert.Null(Running.TryApply(module, "fold-fbi | pack", bag));
        Assert.Equal(
            ["layers.0.in_proj.sign", "layers.0.out_proj.sign"],
            bag.Items.Where(item => item.Id == "BIM2105").Select(item => item.Place.Tensor));
    }

    [Fact]
    public void A_plane_of_two_linears_is_packed_once()
    {
        var sample = WithZeros(Random(36, 50, 50), 9);
        var quant = Running.Apply(sample.Build(), "fold-fbi");
        var layer = quant.Blocks[FbiSample.Block];
        var second = layer.Body[^1].With("x", "y") with { Results = [new Value("again", ValueType.Features(50))] };
        quant = quant with { Blocks = quant.Blocks.SetItem(FbiSample.Block, layer with { Body = layer.Body.Add(second), Return = "again" }) };
        var packed = Running.Apply(quant, "pack");
        var (expected, actual) = (Run(quant), Run(packed));
        var magnitude = expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(Math.Abs(expected[i] - actual[i]), 0, 1e-5 * magnitude);
    }

    [Fact]
    public void Progress_reaches_the_total()
    {
        var reports = new List<PassProgress>();
        var context = new PassContext(new DiagnosticBag(), 1, TestContext.Current.CancellationToken, new Sink(reports));
        new PackPass().Run(new Mamba2Sample().Build(), new PassOptions([]), context);
        Assert.Equal(["layers.0.in_proj.sign", "layers.0.out_proj.sign"], reports.Select(report => report.Item).Distinct());
        Assert.Equal(reports[^1].Total, reports[^1].Done);
        Assert.Equal(["exact zeros", "exact zeros"], context.Measurements.Select(one => one.Measure));
    }

    private static FbiSample WithZeros(FbiSample sample, int count)
    {
        // 1009 is prime to 1850 and 2500: the zeros are spread over all columns.
        var latent = sample.Latent.ToArray();
        for (var i = 0; i < count; i++)
            latent[i * 1009 % latent.Length] = i % 2 == 0 ? 0f : -0f;
        return sample with { Latent = latent };
    }

    private static IEnumerable<int> Listed(Resource zeros, int columns)
    {
        var bytes = zeros.Data.ToBytes();
        if (zeros.Encoding == Encoding.U32)
            return Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToInt32(bytes, 4 * i));
        return Enumerable.Range(0, (int)zeros.Shape.Count).Where(i => SignTiles.Locate(i / columns, i % columns, columns) is var (at, bit) && ((bytes[at] >> bit) & 1) == 1);
    }

    private sealed class Sink(List<PassProgress> reports) : IProgress<PassProgress>
    {
        public void Report(PassProgress value) => reports.Add(value);
    }
}
