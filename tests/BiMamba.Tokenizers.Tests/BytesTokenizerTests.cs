using System.Security.Cryptography;
using BiMamba.Diagnostics;

namespace BiMamba.Tokenizers.Tests;

public class BytesTokenizerTests
{
    private readonly BytesTokenizer tokenizer = new();

    [Fact]
    public void Every_byte_is_its_id_also_outside_UTF8()
    {
        var bytes = Enumerable.Range(0, 256).Select(b => (byte)b).ToArray();
        var ids = tokenizer.Encode(bytes);
        Assert.Equal(Enumerable.Range(0, 256), ids);
        Assert.Equal(bytes, tokenizer.DecodeBytes(ids));
        Assert.Equal(256, tokenizer.VocabularySize);
        Assert.Equal("bytes", tokenizer.Kind);
    }

    [Fact]
    public void Text_is_UTF8() => Assert.Equal([0x68, 0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80], tokenizer.Encode("hé😀"));

    [Fact]
    public void Source_and_hash_are_of_the_word_bytes()
    {
        Assert.Equal("bytes"u8.ToArray(), tokenizer.Source.ToArray());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("bytes"u8)), tokenizer.Hash);
        Assert.IsType<BytesTokenizer>(Tokenizer.FromSource(tokenizer.Source, "x", new DiagnosticBag()));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(256)]
    public void Ids_outside_are_refused(int id)
    {
        Assert.False(tokenizer.HasToken(id));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([id]));
        var bag = new DiagnosticBag();
        Assert.False(tokenizer.CheckIds([0, id, 255], Place.OfFile("ids.txt"), bag));
        var item = Assert.Single(bag.Items);
        Assert.Equal("BIM1415", item.Id);
        Assert.Equal("ids[1]", item.Place.Field);
    }
}
