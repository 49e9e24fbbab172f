using BiMamba.Tokenizers;

namespace BiMamba.Evaluation.Tests;

/// <summary>What a sketch of n-grams says of another text.</summary>
public sealed class NgramSketchTests
{
    private const int N = NgramSketch.TokenLength;

    [Fact]
    public void The_hashes_are_those_of_the_formula()
    {
        // Computed in Python, with integers of any size, from the formula of NgramHash.
        var sketch = NgramSketch.Of([[3, 1, 4, 1, 5, 9, 2, 6]], 4)!;
        Assert.Equal("WL73IHGmto3ER7evMjTIv2SDM37xwsjJvA==", sketch.ToBase64());
        Assert.Equal(5, sketch.Count);
        Assert.Equal((1L << 40) - 1, sketch.Limit);
    }

    [Theory]
    [InlineData(N)]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(50_000)]
    public void A_text_is_wholly_in_itself(int tokens)
    {
        var ids = Text(tokens, seed: 1);
        var overlap = NgramSketch.Of([ids], N)!.Overlap(ids)!;
        Assert.Equal(1, overlap.Share);
        Assert.Equal(Math.Min(tokens - N + 1, NgramSketch.Capacity), overlap.Sampled);
        Assert.Equal(N, overlap.Length);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(50_000)]
    public void Texts_without_a_common_ngram_do_not_overlap(int tokens)
    {
        var overlap = NgramSketch.Of([Text(tokens, seed: 1)], N)!.Overlap(Text(tokens, seed: 2))!;
        Assert.Equal(0, overlap.Matching);
        Assert.Equal(0, overlap.Share);
        Assert.True(overlap.Sampled > 0);
    }

    [Theory]
    [InlineData(0.5, 50_000)]
    [InlineData(0.5, 1_000_000)]
    [InlineData(0.1, 200_000)]
    [InlineData(0.9, 200_000)]
    public void A_share_is_found_within_the_error_of_its_sample(double share, int tokens)
    {
        var common = Text((int)(share * tokens), seed: 3);
        var sketch = NgramSketch.Of([[.. Text(70_000, seed: 1), .. common]], N)!;
        var overlap = sketch.Overlap([.. common, .. Text(tokens - common.Length, seed: 2)])!;
        // Of five standard deviations of a binomial distribution one in 1.7 million runs falls short; this one is the same always.
        var tolerance = 5 * Math.Sqrt(share * (1 - share) / overlap.Sampled);
        Assert.InRange(overlap.Share, share - tolerance, share + tolerance);
        Assert.True(overlap.Sampled >= 100);
    }

    [Fact]
    public void Order_repetition_and_pieces_of_the_windows_do_not_matter()
    {
        int[][] windows = [Text(3_000, seed: 1), Text(3_000, seed: 2)];
        var sketch = NgramSketch.Of(windows, N)!;
        Assert.Equal(NgramSketch.Capacity, sketch.Count);
        int[][][] others = [[windows[1], windows[0], windows[1]], [windows[0][..2_000], windows[0][(2_000 - N + 1)..], windows[1]]];
        Assert.All(others, other =>
        {
            var again = NgramSketch.Of(other, N)!;
            Assert.Equal(sketch.ToBase64(), again.ToBase64());
            Assert.Equal(sketch.Limit, again.Limit);
        });
    }

    [Fact]
    public void No_ngram_reaches_from_a_window_into_the_next()
    {
        var ids = Text(2 * N, seed: 1);
        var overlap = NgramSketch.Of([ids[..N], ids[N..]], N)!.Overlap(ids)!;
        Assert.Equal(new NgramOverlap(N, 2, N + 1), overlap);
    }

    [Fact]
    public void A_repeated_ngram_counts_once()
    {
        var ids = new int[1_000];
        Assert.Equal(new NgramOverlap(N, 1, 1), NgramSketch.Of([ids], N)!.Overlap(ids));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(N - 1)]
    public void A_text_shorter_than_an_ngram_says_nothing(int tokens)
    {
        var ids = Text(tokens, seed: 1);
        Assert.Null(NgramSketch.Of([ids], N));
        Assert.Null(NgramSketch.Of([], N));
        Assert.Null(NgramSketch.Of([Text(100, seed: 1)], N)!.Overlap(ids));
    }

    [Fact]
    public void The_sample_of_a_long_text_is_limited()
    {
        // So few n-grams that the sketch has all of them: nothing but the limit bounds the sample of the other text.
        var common = Text(100, seed: 3);
        var overlap = NgramSketch.Of([common], N)!.Overlap([.. common, .. Text(100_000, seed: 2)])!;
        Assert.Equal(1 << 16, overlap.Sampled);
        Assert.InRange(overlap.Matching, 1, 100 - N + 1);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public void A_sketch_survives_its_text_form(int tokens)
    {
        var sketch = NgramSketch.Of([Text(tokens, seed: 1)], N)!;
        Assert.True(NgramSketch.TryParse(sketch.Length, sketch.Limit, sketch.ToBase64(), out var read));
        Assert.Equal((sketch.Length, sketch.Limit, sketch.Count, sketch.ToBase64()), (read.Length, read.Limit, read.Count, read.ToBase64()));
        Assert.Equal(1, read.Overlap(Text(tokens, seed: 1))!.Share);
        Assert.True(read.ToBase64().Length <= 4 * (((5 * NgramSketch.Capacity) + 2) / 3));
    }

    [Theory]
    [InlineData(0, 255, "AAAAAAE=")]
    [InlineData(-1, 255, "AAAAAAE=")]
    [InlineData(NgramSketch.MaxLength + 1, 255, "AAAAAAE=")]
    [InlineData(13, -1, "AAAAAAE=")]
    [InlineData(13, 1L << 40, "AAAAAAE=")]
    [InlineData(13, 0, "AAAAAAE=")]
    [InlineData(13, 255, "")]
    [InlineData(13, 255, "=")]
    [InlineData(13, 255, "AAAAAAE")]
    [InlineData(13, 255, "AAAAAA==")]
    [InlineData(13, 255, "AAAAAAEA")]
    [InlineData(13, 255, "not base64 \u0000\ud800")]
    [InlineData(13, 255, "AAAAAAEAAAAAAQ==")]
    [InlineData(13, 255, "AAAAAAIAAAAAAQ==")]
    public void A_malformed_sketch_is_none(int length, long limit, string base64)
    {
        Assert.False(NgramSketch.TryParse(length, limit, base64, out var sketch));
        Assert.Null(sketch);
    }

    [Fact]
    public void Sketches_have_limits()
    {
        Assert.True(NgramSketch.TryParse(NgramSketch.MaxLength, (1L << 40) - 1, Ascending(NgramSketch.MaxCapacity), out var largest));
        Assert.Equal(NgramSketch.MaxCapacity, largest.Count);
        Assert.False(NgramSketch.TryParse(13, (1L << 40) - 1, Ascending(NgramSketch.MaxCapacity + 1), out _));
    }

    [Fact]
    public void A_byte_counts_for_a_quarter_of_a_token()
    {
        Assert.Equal(52, NgramSketch.LengthFor(new BytesTokenizer()));
        Assert.Equal(13, NgramSketch.LengthFor(null));
    }

    /// <summary>Ids of which no two seeds have 13 in a row in common.</summary>
    private static int[] Text(int tokens, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, tokens).Select(_ => random.Next(50_000))];
    }

    private static string Ascending(int count) =>
        Convert.ToBase64String([.. Enumerable.Range(0, count).SelectMany(i => (byte[])[0, (byte)(i >> 24), (byte)(i >> 16), (byte)(i >> 8), (byte)i])]);
}
