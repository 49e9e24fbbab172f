using BiMamba.Diagnostics;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using BiMamba.Text;
using BiMamba.Weights;
using static BiMamba.IR.Tests.Broken;

namespace BiMamba.IR.Tests;

/// <summary>cast: rounding to nearest even, what stays, what does not fit.</summary>
public sealed class CastTests
{
    [Fact]
    public void Every_fp16_and_the_middle_between_two_round_to_nearest_even()
    {
        var values = new List<float>();
        for (var bits = 0; bits < 0x7C00; bits++)
        {
            var (low, high) = ((float)BitConverter.UInt16BitsToHalf((ushort)bits), (float)BitConverter.UInt16BitsToHalf((ushort)Math.Min(bits + 1, 0x7BFF)));
            var middle = (low + high) / 2;
            values.AddRange([low, middle, MathF.BitIncrement(middle), MathF.BitDecrement(middle), -middle]);
        }

        values.AddRange([65519.996f, 65520f, 1e-10f, float.Epsilon]);
        var cast = new CastTensor(MemoryTensor.Vector([.. values]), ElementType.F16).ToSingles();
        for (var i = 0; i < cast.Length; i++)
            Assert.Equal((float)(Half)values[i], cast[i]);
    }

    [Theory]
    [InlineData(0x3F800000u, 0x3F80)]
    [InlineData(0x3F808000u, 0x3F80)]
    [InlineData(0x3F808001u, 0x3F81)]
    [InlineData(0x3F818000u, 0x3F82)]
    [InlineData(0xBF817FFFu, 0xBF81)]
    [InlineData(0x7F7F7FFFu, 0x7F7F)]
    [InlineData(0x7F7F8000u, 0x7F80)]
    [InlineData(0x7F800001u, 0x7FC0)]
    [InlineData(0x00008000u, 0x0000)]
    [InlineData(0x00008001u, 0x0001)]
    [InlineData(0x80000000u, 0x8000)]
    public void Bf16_is_the_upper_half_rounded_to_nearest_even(uint bits, int expected)
    {
        var bytes = new CastTensor(MemoryTensor.Vector([BitConverter.UInt32BitsToSingle(bits)]), ElementType.BF16).ToBytes();
        Assert.Equal(expected, BitConverter.ToUInt16(bytes));
    }

    [Theory]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.F32)]
    public void Bytes_are_read_from_anywhere(ElementType type)
    {
        var cast = new CastTensor(MemoryTensor.Vector(new Numbers(1).Vector(9001)), type);
        var bytes = cast.ToBytes();
        foreach (var (offset, length) in (ReadOnlySpan<(int, int)>)[(0, 1), (1, 1), (1, 2), (3, 7), (4095, 4099), (8191, 9000), (1, bytes.Length - 1), (bytes.Length - 1, 1), (bytes.Length, 0)])
        {
            var part = new byte[length];
            cast.Read(offset, part);
            Assert.Equal(bytes[offset..(offset + length)], part);
        }

        Assert.True(cast.IsSameStorage(cast));
        Assert.False(cast.IsSameStorage(new CastTensor(MemoryTensor.Vector(new float[9001]), type)));
    }

    [Theory]
    [InlineData("f16", Encoding.F16, 1.0 / (1 << 11))]
    [InlineData("bf16", Encoding.BF16, 1.0 / (1 << 8))]
    public void Matrices_are_cast_and_vectors_stay(string type, Encoding encoding, double unit)
    {
        var module = Mamba1Sample.Build();
        var bag = new DiagnosticBag();
        var cast = Running.Apply(module, $"cast{{dtype={type}}}", bag);
        foreach (var (name, resource) in cast.Resources)
        {
            var stays = resource.Shape.Rank == 1 || name.EndsWith("a_log", StringComparison.Ordinal);
            Assert.Equal(stays ? Encoding.F32 : encoding, resource.Encoding);
            foreach (var (before, after) in module.Resources[name].Data.ToSingles().Zip(resource.Data.ToSingles()))
                Assert.InRange(Math.Abs((double)after - before), 0, Math.Max(unit * Math.Abs(before), 3e-8));
        }

        Assert.Matches($"^7 resources are {type}; largest relative error [0-9].[0-9]e-[3-4] in @", Assert.Single(bag.Items).Message);
        cast = Running.Apply(module, $"cast{{dtype={type}, vectors=true}}");
        Assert.All(cast.Resources.Values, resource => Assert.Equal(encoding, resource.Encoding));
    }

    [Fact]
    public void Scales_of_an_fbi_linear_are_vectors()
    {
        var cast = Running.Apply(new Mamba2Sample().Build(), "cast{dtype=bf16}");
        Assert.Equal(
            ["embedding.weight", "layers.0.conv.weight", "layers.0.in_proj.weight", "layers.0.out_proj.weight"],
            cast.Resources.Values.Where(resource => resource.Encoding == Encoding.BF16).Select(resource => resource.Name));
    }

    [Fact]
    public void Only_what_patterns_name_is_cast()
    {
        var cast = Running.Apply(Mamba1Sample.Build(), "cast{dtype=f16, only=[\"*.in_proj.*\", \"lm_head.*\"]}");
        Assert.Equal(["layers.0.in_proj.weight", "lm_head.weight"], cast.Resources.Values.Where(resource => resource.Encoding == Encoding.F16).Select(resource => resource.Name));
    }

    [Fact]
    public void Widening_takes_back_no_digit()
    {
        var halves = Running.Apply(Mamba1Sample.Build(), "cast{dtype=f16, vectors=true}");
        var bag = new DiagnosticBag();
        var wide = Running.Apply(halves, "cast{dtype=f32, vectors=true}", bag);
        Assert.All(wide.Resources.Values, resource => Assert.Equal(Encoding.F32, resource.Encoding));
        Assert.Contains("largest relative error 0.0e+0", Assert.Single(bag.Items).Message, StringComparison.Ordinal);
        int[] ids = [1, 5, 8, 0, 2];
        Running.AssertSameBits(Running.Logits(halves, ids), Running.Logits(wide, ids));
    }

    [Fact]
    public void Codes_planes_and_scales_of_codes_stay()
    {
        var packed = Running.Apply(new Mamba2Sample().Build(), "fold-fbi | quantize-embedding{group=8} | pack");
        var cast = Running.Apply(packed, "cast{dtype=f16, vectors=true}");
        Assert.All(packed.Resources.Values.Where(resource => resource.Encoding != Encoding.F32), resource => Assert.Same(resource, cast.Resources[resource.Name]));
        Assert.Equal(Encoding.BF16, cast.Resources["embedding.scale"].Encoding);
        Assert.Equal(Encoding.F16, cast.Resources["layers.0.d"].Encoding);
    }

    [Theory]
    [InlineData("f16", 65520f, "expected a number that f16 can hold, found 65520")]
    [InlineData("f16", -70000f, "expected a number that f16 can hold, found -70000")]
    [InlineData("bf16", 3.4e38f, "expected a number that bf16 can hold, found 3.4E+38")]
    [InlineData("bf16", float.NaN, "expected a number that bf16 can hold, found NaN")]
    [InlineData("f16", float.PositiveInfinity, "expected a number that f16 can hold, found Infinity")]
    public void A_number_that_does_not_fit_is_named(string type, float value, string message)
    {
        var module = Mamba1Sample.Build();
        var weight = module.Resources["layers.0.conv.weight"];
        var bag = new DiagnosticBag();
        Assert.Null(Running.TryApply(Resource(module, new Resource(weight.Name, MemoryTensor.Of(FbiSample.Set(weight.Data.ToSingles(), 34, value), weight.Shape))), $"cast{{dtype={type}}}", bag));
        var error = Assert.Single(bag.Items);
        Assert.Equal(("BIM2105", weight.Name), (error.Id, error.Place.Tensor));
        Assert.StartsWith("element [11,0,1]: " + message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fp64_that_exceeds_fp32_is_named()
    {
        var module = Mamba1Sample.Build();
        var shape = module.Resources["lm_head.weight"].Shape;
        var bytes = new byte[shape.Count * sizeof(double)];
        BitConverter.TryWriteBytes(bytes.AsSpan(8), 1e40);
        var bag = new DiagnosticBag();
        Assert.Null(Running.TryApply(Resource(module, new Resource("lm_head.weight", new MemoryTensor(bytes, ElementType.F64, shape))), "cast{dtype=f32}", bag));
        Assert.StartsWith("element [0,1]: expected a number that f32 can hold, found Infinity", Assert.Single(bag.Items).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_vanishes_is_an_error_of_one()
    {
        var module = Mamba1Sample.Build();
        var weight = module.Resources["lm_head.weight"];
        var bag = new DiagnosticBag();
        Running.Apply(Resource(module, new Resource(weight.Name, MemoryTensor.Of(FbiSample.Set(weight.Data.ToSingles(), 3, 1e-9f), weight.Shape))), "cast", bag);
        Assert.Equal("7 resources are f16; largest relative error 1.0e+0 in @lm_head.weight", Assert.Single(bag.Items).Message);
    }

    [Fact]
    public void A_pattern_without_a_match_is_named()
    {
        var bag = new DiagnosticBag();
        Assert.Null(Running.TryApply(Mamba1Sample.Build(), "cast{only=[\"*.weight\", \"lm_haed.weight\"]}", bag));
        Assert.Equal(("BIM2109", "did you mean 'lm_head.weight'?"), (bag.Items[0].Id, bag.Items[0].Hint));
    }

    [Fact]
    public void Bytes_do_not_depend_on_threads() => Assert.Equal(
        IrPrinter.Print(Running.Apply(new Mamba2Sample().Build(), "cast{dtype=bf16}", threads: 1)),
        IrPrinter.Print(Running.Apply(new Mamba2Sample().Build(), "cast{dtype=bf16}", threads: 3)));

    [Fact]
    public void Text_alone_is_refused()
    {
        var bag = new DiagnosticBag();
        Assert.Null(Running.TryApply(RewriteTests.Bare(Mamba1Sample.Build()), "cast", bag));
        Assert.Equal("BIM3009", Assert.Single(bag.Items).Id);
    }
}
