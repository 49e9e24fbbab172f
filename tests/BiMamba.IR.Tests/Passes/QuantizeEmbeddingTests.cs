using BiMamba.Diagnostics;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.IR.Tests;

/// <summary>quantize-embedding: each weight within half a step of its group's scale, tied weights once.</summary>
public sealed class QuantizeEmbeddingTests
{
    private const int Rows = 70;

    [Theory]
    [InlineData(8, 64, 24)]
    [InlineData(8, 8, 24)]
    [InlineData(8, 7, 25)]
    [InlineData(4, 64, 24)]
    [InlineData(4, 8, 24)]
    [InlineData(4, 7, 25)]
    [InlineData(4, 2, 1)]
    [InlineData(8, 3, 1)]
    [InlineData(4, 6, 33)]
    public void Errors_are_at_most_half_a_step(int bits, int group, int width)
    {
        var module = Tied(width);
        var before = module.Resources["embedding.weight"].Data.ToSingles();
        var after = Running.Apply(module, $"quantize-embedding{{bits={bits}, group={group}}}");
        var scale = after.Resources["embedding.scale"];
        var groups = (width + group - 1) / group;
        Assert.Equal((Encoding.BF16, Shape.Of(Rows, groups)), (scale.Encoding, scale.Shape));
        Assert.Equal(bits == 8 ? Encoding.I8 : Encoding.I4, after.Resources["embedding.weight"].Encoding);
        Assert.Equal((long)Rows * (bits == 8 ? width : (width + 1) / 2), after.Resources["embedding.weight"].Data.ByteLength);
        var steps = scale.Data.ToSingles();
        int[] ids = [.. Enumerable.Range(0, Rows)];
        var rows = Running.BlockResult(after, 0, ids);
        for (var i = 0; i < rows.Length; i++)
        {
            var step = steps[(i / width * groups) + (i % width / group)];
            // The division and the product of code and scale round once each.
            Assert.InRange(Math.Abs((double)rows[i] - before[i]), 0, 0.5 * step * (1 + 1e-5));
        }

        var most = bits == 8 ? 127 : 7;
        for (var row = 0; row < Rows; row++)
        {
            for (var first = 0; first < width; first += group)
            {
                var largest = before.AsSpan((row * width) + first, Math.Min(group, width - first)).ToArray().Max(Math.Abs);
                // bf16 has 8 bits: rounded up, the scale exceeds the least by at most 2^-7.
                Assert.InRange(steps[(row * groups) + (first / group)], largest / most * (1 - 1e-6), largest / most * (1 + (1.0 / 128)));
            }
        }
    }

    [Fact]
    public void Zeros_stay_zeros()
    {
        var module = Broken.Resource(Tied(24), new Resource("embedding.weight", MemoryTensor.Of(new float[Rows * 24], Shape.Of(Rows, 24))));
        Assert.All(Running.BlockResult(Running.Apply(module, "quantize-embedding{bits=4}"), 0, [3]), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Sixteen_bits_are_fp16()
    {
        var module = Untied(25);
        var after = Running.Apply(module, "quantize-embedding{bits=16}");
        foreach (var name in (string[])["embedding.weight", "lm_head.weight"])
        {
            Assert.Equal(Encoding.F16, after.Resources[name].Encoding);
            Assert.Equal(module.Resources[name].Data.ToSingles().Select(value => (float)(Half)value), after.Resources[name].Data.ToSingles());
        }

        Assert.DoesNotContain("embedding.scale", after.Resources.Keys);
    }

    [Fact]
    public void Sixteen_bits_are_read_from_any_byte()
    {
        var data = Running.Apply(Untied(25), "quantize-embedding{bits=16}").Resources["embedding.weight"].Data;
        var bytes = data.ToBytes();
        foreach (var (offset, length) in (ReadOnlySpan<(int, int)>)[(0, 1), (1, 1), (1, 2), (3, 7), (1, bytes.Length - 1), (bytes.Length - 1, 1), (bytes.Length, 0)])
        {
            var part = new byte[length];
            data.Read(offset, part);
            Assert.Equal(bytes[offset..(offset + length)], part);
        }
    }

    [Fact]
    public void Fp16_stays_as_it_is()
    {
        var module = Broken.Resource(Tied(24), Weights.Halves("embedding.weight", new Numbers(3).Vector(Rows * 24), Rows, 24));
        Assert.Same(module.Resources["embedding.weight"], Running.Apply(module, "quantize-embedding{bits=16}").Resources["embedding.weight"]);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void A_tied_head_shares_the_codes(string head)
    {
        var after = Running.Apply(Tied(24), $"quantize-embedding{{head={head}}}");
        var (embedding, logits) = (after.Blocks[0].Body[0], after.Blocks[1].Body[^1]);
        Assert.Equal(("embedding.weight", "embedding.scale"), (embedding.Get("weight"), embedding.Get("scale")));
        Assert.Equal(("embedding.weight", "embedding.scale"), (logits.Get("weight"), logits.Get("scale")));
        Assert.Equal(["embedding.scale", "embedding.weight"], after.Resources.Keys);
        Assert.Equal((64, 64), (embedding.Int(Attributes.ScaleGroup), logits.Int(Attributes.ScaleGroup)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_head_of_its_own_is_quantized_on_request(bool head)
    {
        var module = Untied(25);
        var after = Running.Apply(module, $"quantize-embedding{{group=16, head={(head ? "true" : "false")}}}");
        Assert.Equal(Encoding.I8, after.Resources["embedding.weight"].Encoding);
        Assert.Equal(head ? Encoding.I8 : Encoding.F32, after.Resources["lm_head.weight"].Encoding);
        Assert.Equal(head, after.Resources.ContainsKey("lm_head.scale"));
        // Logits are those of the dequantized weights.
        var hidden = Running.BlockResult(after, 0, [5]);
        var weight = head ? Dequantized(after, "lm_head") : module.Resources["lm_head.weight"].Data.ToSingles();
        var logits = Running.Logits(after, [5]);
        for (var row = 0; row < Rows; row++)
        {
            double sum = 0, magnitude = 0;
            for (var j = 0; j < 25; j++)
            {
                sum += (double)weight[(row * 25) + j] * hidden[j];
                magnitude += Math.Abs(weight[(row * 25) + j] * hidden[j]);
            }

            Assert.InRange(Math.Abs(sum - logits[row]), 0, 32.0 / (1 << 24) * magnitude);
        }
    }

    [Theory]
    [InlineData(8, float.NaN, 0)]
    [InlineData(4, float.PositiveInfinity, 1700)]
    [InlineData(8, float.NegativeInfinity, (Rows * 25) - 1)]
    [InlineData(16, float.NaN, 1601)]
    [InlineData(16, 65520f, 1601)]
    public void A_number_that_has_no_code_is_named(int bits, float value, int index)
    {
        var module = Tied(25);
        var weight = FbiSample.Set(module.Resources["embedding.weight"].Data.ToSingles(), index, value);
        var bag = new DiagnosticBag();
        Assert.Null(Running.TryApply(Broken.Resource(module, new Resource("embedding.weight", MemoryTensor.Of(weight, Shape.Of(Rows, 25)))), $"quantize-embedding{{bits={bits}}}", bag));
        var error = Assert.Single(bag.Items);
        Assert.Equal(("BIM2105", "embedding.weight"), (error.Id, error.Place.Tensor));
        Assert.Contains($"row {index / 25}, column {index % 25}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quantize-embedding | quantize-embedding")]
    [InlineData("quantize-embedding{bits=4} | quantize-embedding{bits=16}")]
    public void Codes_are_not_quantized_again(string pipeline)
    {
        var bag = new DiagnosticBag();
        Assert.Null(Running.TryApply(Tied(24), pipeline, bag));
        Assert.Contains(bag.Items, item => item.Id == "BIM2107" && item.Place.Tensor == "embedding.weight");
    }

    [Fact]
    public void Bytes_do_not_depend_on_threads()
    {
        var one = Running.Apply(Untied(33), "quantize-embedding{bits=4, group=8}", threads: 1);
        var two = Running.Apply(Untied(33), "quantize-embedding{bits=4, group=8}", threads: 2);
        Assert.Equal(IrPrinter.Print(one), IrPrinter.Print(two));
    }

    private static Module Tied(int width) => Build(width, "embedding.weight");

    private static Module Untied(int width) => Build(width, "lm_head.weight");

    private static Module Build(int width, string headWeight)
    {
        var weights = new Weights(width);
        var embed = weights.Embed(weights.Random("embedding.weight", 2, Rows, width));
        if (headWeight != "embedding.weight")
            weights.Random(headWeight, 0.5f, Rows, width);
        var head = weights.Block("head", "h", width);
        head.Add("logits", OpCode.LmHead, [("x", "h"), ("weight", headWeight)]);
        return new Module("q", Level.Float, [], weights.Map, [embed, head.Return("logits")]);
    }

    private static float[] Dequantized(Module module, string prefix)
    {
        var (codes, scale) = (module.Resources[prefix + ".weight"], module.Resources[prefix + ".scale"]);
        var (rows, columns) = ((int)codes.Shape[0], (int)codes.Shape[1]);
        var steps = scale.Data.ToSingles();
        var bytes = codes.Data.ToBytes();
        var groups = (int)scale.Shape[1];
        var group = module.Blocks[^1].Body[^1].Int(Attributes.ScaleGroup);
        Assert.Equal(QuantizedRows.Groups(columns, group), groups);
        return [.. Enumerable.Range(0, rows * columns).Select(i => (sbyte)bytes[i] * steps[(i / columns * groups) + (i % columns / group)])];
    }
}
