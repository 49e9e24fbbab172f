using BiMamba.Runtime;

namespace BiMamba.IR.Tests;

/// <summary>Linears of codes and of BiLLM planes, unpacked and packed.</summary>
public sealed class LowBitTests
{
    private static readonly int[] Ids = [0, 3, 8, 8, 1, 5];

    [Fact]
    public void Packed_planes_give_the_bits_of_unpacked_codes()
    {
        var module = LowBitSample.Build();
        var packed = Running.Apply(module, "pack");
        var expected = Running.Logits(module, Ids);
        Assert.All(expected, logit => Assert.True(float.IsFinite(logit)));
        Running.AssertSameBits(expected, Running.Logits(packed, Ids));
        Running.AssertSameBits(expected, Running.Logits(packed, Ids, chunk: 1, threads: 1));
    }

    [Fact]
    public void The_fast_engine_rounds_activations_and_gives_one_token_the_bits_of_many()
    {
        var packed = Running.Apply(LowBitSample.Build(), "pack");
        var (expected, many) = (Running.Logits(packed, Ids), Running.Logits(packed, Ids, engine: Engine.Fast));
        Running.AssertSameBits(many, Running.Logits(packed, Ids, chunk: 1, threads: 1, engine: Engine.Fast));
        Running.AssertSameBits(many, Running.Logits(packed, Ids, chunk: 4, threads: 3, engine: Engine.Fast));
        for (var i = 0; i < many.Length; i++)
            Assert.Equal(expected[i], many[i], 1e-3);
        Assert.NotEqual(expected, many);
    }

    [Fact]
    public void Zeros_of_both_planes_lie_beside_them()
    {
        var packed = Running.Apply(LowBitSample.Build(), "pack");
        Assert.Equal(Encoding.U32, packed.Resources["q.zeros"].Encoding);
        Assert.Equal(Encoding.U32, packed.Resources["q.region_zeros"].Encoding);
        Assert.Equal((Encoding.Bits1, "bits1[3,19,37]"), (packed.Resources["p.codes"].Encoding, packed.Resources["p.codes"].TypeText));
    }
}
