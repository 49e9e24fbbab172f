using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using BiMamba.Tokenizers.Normalizers;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.Tokenizers.Tests;

public class NormalizationTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u00e9", "\u00e9")]
    [InlineData("x\u0301\u0327", "x\u0327\u0301")]
    [InlineData("e\u0323\u0302", "\u1ec7")]
    [InlineData("e\u0302\u0323", "\u1ec7")]
    [InlineData("\u212b\u2126", "\u00c5\u03a9")]
    [InlineData("\u0958", "\u0915\u093c")]
    [InlineData("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00")]
    [InlineData("\uac00\u11a8", "\uac01")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("a\u0301b\u0301 c", "\u00e1b\u0301 c")]
    [InlineData("\ud834\udd5e", "\ud834\udd57\ud834\udd65")]
    public void Nfc_composes(string text, string expected) => Assert.Equal(expected, Nfc(text));

    [Fact]
    public void Nfc_keeps_bytes_outside_UTF8()
    {
        byte[] text = [0xFF, (byte)'e', 0xCC, 0x81, 0xCC, (byte)'e', 0xCC, 0x81, 0xE2];
        Assert.Equal([0xFF, 0xC3, 0xA9, 0xCC, 0xC3, 0xA9, 0xE2], Nfc(text));
    }

    [Fact]
    public void Nfc_of_a_long_run_of_marks_keeps_the_order_within_a_class()
    {
        var marks = string.Concat(Enumerable.Repeat("\u0301\u0323\u0300", 100_000));
        var result = Nfc("q" + marks);
        Assert.Equal("q" + new string('\u0323', 100_000) + string.Concat(Enumerable.Repeat("\u0301\u0300", 100_000)), result);
    }

    [Fact]
    public void Nfc_twice_is_nfc_and_pieces_agree_with_the_quick_check()
    {
        const string alphabet = "aeou qx\u00e9\u1ec7\u0301\u0302\u0323\u0327\u0345\u1100\u1161\u11a8\uac00\u212b\u0958\u093c\u0915\u0344\u05e9\u05c1\u0bc6\u0bbe";
        var nfc = new NfcNormalizer();
        var texts = Gen.Elements(alphabet.ToCharArray()).ArrayOf().Select(chars => new string(chars)).ToArbitrary();
        var property = Prop.ForAll(texts, text =>
            Nfc(Nfc(text)) == Nfc(text) && (nfc.MayChange(Encoding.UTF8.GetBytes(text)) || Nfc(text) == text));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000).WithQuietOnSuccess(true), property);
    }

    [Fact]
    public void Added_tokens_are_found_before_or_after_normalization_as_they_ask()
    {
        var json = Samples.ByteLevel();
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        json["added_tokens"] = new JsonArray(
            Samples.Added(300, "<e\u0301>", normalized: true),
            Samples.Added(301, "[e\u0301]", normalized: false));
        var tokenizer = Samples.Good(json);
        Assert.Equal([300, 300, 301], tokenizer.Encode("<e\u0301><\u00e9>[e\u0301]"));
        Assert.Equal(4, tokenizer.Encode("[\u00e9]").Length);
        Assert.Equal(302, tokenizer.VocabularySize);
    }

    [Fact]
    public void Prepend_and_replace_change_text()
    {
        Assert.Equal("__x", Apply(new PrependNormalizer("__"u8.ToArray()), "x"));
        Assert.Equal("", Apply(new PrependNormalizer("__"u8.ToArray()), ""));
        Assert.Equal("x-b-ba", Apply(new ReplaceNormalizer("aa"u8.ToArray(), "-b"u8.ToArray()), "xaaaaa"));
    }

    private static string Nfc(string text) => Apply(new NfcNormalizer(), text);

    private static byte[] Nfc(byte[] text)
    {
        var output = new ArrayBufferWriter<byte>();
        new NfcNormalizer().Normalize(text, output);
        return output.WrittenSpan.ToArray();
    }

    private static string Apply(Normalizer normalizer, string text)
    {
        var output = new ArrayBufferWriter<byte>();
        normalizer.Normalize(Encoding.UTF8.GetBytes(text), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
