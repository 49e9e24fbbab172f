using BiMamba.Weights;

namespace BiMamba.IR.Tests;

/// <summary>Dense weights against the low-bit ops that they come from.</summary>
public sealed class DequantizeTests
{
    private static readonly int[] Ids = [0, 1, 2, 3, 4, 5, 1, 0];

    /// <summary>The products of the reference engine and of dense fp32 differ by the order of their sums. Seen: 4e-7 of the largest logit.</summary>
    private const float Bound = 4e-6f;

    public static TheoryData<string, string> Lowered => new()
    {
        { "fbi", "dequantize" },
        { "fbi", "pack | dequantize" },
        { "fbi", "fold-fbi | dequantize" },
        { "fbi", "fold-fbi | pack | dequantize" },
        { "fbi", "fold-fbi{fidelity=official-fp16} | pack | dequantize" },
        { "low-bit", "dequantize" },
        { "low-bit", "pack | dequantize" },
        { "low-bit", "quantize-embedding{bits=4, group=8} | pack | dequantize" },
    };

    [Theory]
    [MemberData(nameof(Lowered))]
    public void Logits_stay(string sample, string pipeline)
    {
        var module = sample == "fbi" ? FbiSample.Random(3, 19, 37).WithLatent(0, 0.1, 5).Build() : LowBitSample.Build();
        var before = Running.Apply(module, string.Join(" | ", pipeline.Split(" | ")[..^1]));
        var dense = Running.Apply(before, "dequantize");
        Assert.Equal(Level.Float, dense.Level);
        Assert.DoesNotContain(dense.Blocks.SelectMany(block => block.Body), op => op.Code is OpCode.FbiLinear or OpCode.SignLinear or OpCode.CodeLinear or OpCode.BraqLinear);
        var (expected, found) = (Running.Logits(before, Ids), Running.Logits(dense, Ids));
        var bound = Bound * expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(found[i], expected[i] - bound, expected[i] + bound);
    }

    [Fact]
    public void A_dense_tensor_gives_the_same_bytes_from_any_offset()
    {
        var module = Running.Apply(LowBitSample.Build(), "pack");
        foreach (var op in module.Blocks.SelectMany(block => block.Body).Where(LinearPanels.Has))
        {
            var tensor = DenseTensor.Of(op, module);
            var whole = new byte[tensor.ByteLength];
            tensor.Read(0, whole);
            foreach (var (offset, length) in ((int, int)[])[(0, 1), (1, 3), (37 * 4 * 3, whole.Length - (37 * 4 * 5)), (5, whole.Length - 5), (whole.Length - 1, 1), (whole.Length, 0)])
            {
                var part = new byte[length];
                tensor.Read(offset, part);
                Assert.True(whole.AsSpan(offset, length).SequenceEqual(part));
            }
        }
    }

    [Fact]
    public void A_head_that_is_the_embedding_stays_it()
    {
        var module = Running.Apply(RandomModule.Build(1), "tie-weights{all=true} | quantize-embedding{bits=8, group=4}");
        var dense = Running.Apply(module, "dequantize");
        var (embedding, head) = (dense.Blocks[0].Body[0].Get("weight"), dense.Blocks[^1].Body[^1]);
        if (module.Blocks[0].Body[0].Get("weight") == module.Blocks[^1].Body[^1].Find("weight"))
            Assert.Equal(embedding, head.Get("weight"));
        Assert.DoesNotContain(dense.Resources.Values, resource => resource.Encoding is Encoding.I8 or Encoding.I4);
    }
}
