using System.Text.Json.Nodes;

namespace BiMamba.Tokenizers.Tests;

public class AddedTokenTests
{
    [Theory]
    [InlineData("a<s>b", new[] { 97, 300, 98 })]
    [InlineData("<s><s>", new[] { 300, 300 })]
    [InlineData("<s", new[] { 60, 115 })]
    [InlineData("<s>x", new[] { 300, 120 })]
    public void A_token_is_found_where_it_stands(string text, int[] ids) =>
        Assert.Equal(ids, With(Samples.Added(300, "<s>")).Encode(text));

    [Fact]
    public void The_leftmost_and_longest_wins()
    {
        var tokenizer = With(Samples.Added(300, "ab"), Samples.Added(301, "abcd"), Samples.Added(302, "bcdef"));
        Assert.Equal([300, 99, 301, 101, 302], tokenizer.Encode("abcabcdebcdef"));
    }

    [Theory]
    [InlineData("cat", new[] { 300 })]
    [InlineData("a cat.", new[] { 97, 32, 300, 46 })]
    [InlineData("cats", new[] { 99, 97, 116, 115 })]
    [InlineData("_cat", new[] { 95, 99, 97, 116 })]
    [InlineData("écat", new[] { 0xC3, 0xA9, 99, 97, 116 })]
    [InlineData("—cat", new[] { 0xE2, 0x80, 0x94, 300 })]
    public void Single_words_stand_alone(string text, int[] ids) =>
        Assert.Equal(ids, With(Samples.Added(300, "cat", singleWord: true)).Encode(text));

    [Fact]
    public void Stripping_takes_white_space_and_no_more()
    {
        var both = With(Samples.Added(300, "<m>", lstrip: true, rstrip: true));
        Assert.Equal([97, 300, 98], both.Encode("a \u3000\n<m>\u00a0 b"));
        Assert.Equal([300, 300], both.Encode("  <m>  <m>  "));
        Assert.Equal([97, 300, 32, 98], With(Samples.Added(300, "<m>", lstrip: true)).Encode("a <m> b"));
        Assert.Equal([97, 32, 300, 98], With(Samples.Added(300, "<m>", rstrip: true)).Encode("a <m> b"));
    }

    [Fact]
    public void Special_tokens_are_left_out_of_a_decode_on_request()
    {
        var tokenizer = With(Samples.Added(300, "<|endoftext|>", special: true), Samples.Added(301, "<x>"));
        Assert.Equal(300, tokenizer.EndOfTextId);
        Assert.True(tokenizer.IsSpecial(300));
        Assert.False(tokenizer.IsSpecial(301));
        Assert.Equal("a<|endoftext|><x>", tokenizer.Decode([97, 300, 301]));
        Assert.Equal("a<x>", tokenizer.Decode([97, 300, 301], skipSpecialTokens: true));
        var stream = tokenizer.CreateStreamingDecoder(skipSpecialTokens: true);
        Assert.Equal("", stream.Append(300));
        Assert.Equal([300, 301], tokenizer.AddedTokens.Select(t => t.Id));
    }

    [Fact]
    public void Added_tokens_beyond_ASCII_are_text()
    {
        var tokenizer = With(Samples.Added(300, "é日"));
        Assert.Equal([300, 97], tokenizer.Encode("é日a"));
        Assert.Equal("é日a", tokenizer.Decode([300, 97]));
    }

    [Fact]
    public void Unused_ids_decode_to_nothing_and_are_reported()
    {
        var tokenizer = With(Samples.Added(300, "<s>"));
        Assert.Equal(301, tokenizer.VocabularySize);
        Assert.False(tokenizer.HasToken(299));
        Assert.Equal("a", tokenizer.Decode([97, 299]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([301]));
        var bag = new BiMamba.Diagnostics.DiagnosticBag();
        Assert.False(tokenizer.CheckIds([299], BiMamba.Diagnostics.Place.None, bag));
        Assert.Equal(BiMamba.Diagnostics.ExitCode.Malformed, bag.ExitCode);
    }

    private static BpeTokenizer With(params JsonObject[] tokens)
    {
        var json = Samples.ByteLevel();
        json["added_tokens"] = new JsonArray([.. tokens]);
        return Samples.Good(json);
    }
}
