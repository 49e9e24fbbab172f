using System.Text;
using BiMamba.Diagnostics;
using BiMamba.IR.Reading;
using BiMamba.Passes;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>Texts that nobody wrote: IR and pipelines end in a diagnostic, without an exception, and soon.</summary>
public sealed class HostileTextTests
{
    private const int Seconds = 60;
    private const int Long = 1 << 20;
    private const string Known = "module @m level{}[]=,:%#;|\n\"\\ resource block 0.1e-";

    /// <summary>Texts by what they are made of; each stands alone and in the middle of good text.</summary>
    private static readonly Dictionary<string, string> Pieces = new(StringComparer.Ordinal)
    {
        ["nested lists"] = new string('[', 10_000),
        ["nested lists with commas"] = string.Concat(Enumerable.Repeat("[1,", 10_000)),
        ["closed nested lists"] = new string('[', 10_000) + new string(']', 10_000),
        ["a long word"] = new string('x', Long),
        ["a long number"] = new string('9', Long),
        ["a long fraction"] = "0." + new string('9', Long),
        ["a long quoted word"] = "\"" + new string('x', Long) + "\"",
        ["a quote that does not end"] = "\"" + new string('x', Long),
        ["escapes"] = "\"" + string.Concat(Enumerable.Repeat("\\u0041", Long / 6)) + "\"",
        ["a long list"] = "[" + string.Join(",", Enumerable.Repeat("1", Long / 2)) + "]",
        ["commas"] = new string(',', Long),
        ["bars"] = new string('|', Long),
        ["blanks"] = new string(' ', Long),
        ["a long comment"] = ";" + new string(';', Long),
        ["line ends"] = new string('\n', Long),
        ["carriage returns"] = new string('\r', Long),
        ["NUL characters"] = new string('\0', 1000),
        ["a NUL"] = "\0",
        ["a lone surrogate"] = "\uD800",
        ["lone surrogates in quotes"] = "\"\uDC00\uD800\"",
        ["a byte order mark"] = "\uFEFF",
        ["a right-to-left mark"] = "\u202E",
        ["percent signs"] = new string('%', Long),
        ["at signs"] = new string('@', Long),
        ["minus signs"] = new string('-', Long),
        ["open braces"] = new string('{', Long),
    };

    public static TheoryData<string> Names => [.. Pieces.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Hostile_text_is_refused_or_read(string name)
    {
        var piece = Pieces[name];
        foreach (var text in new[] { piece, $"module @{piece}", $"module @m level float {{ a = {piece} }}\n", $"module @m level float\nresource @w : f32[{piece}]\n", $"module @m level float\nblock @b (%x : i32[T]) -> f32[T,1] {{\n  {piece}\n}}\n" })
            ParseIr(name, text);
        foreach (var text in new[] { piece, $"pack | {piece}", $"pack{{{piece}", $"pack{{word={piece}}}", $"@{piece}", $"fold-fbi{{{piece}=latent}}" })
            ParsePipeline(name, text);
    }

    [Fact]
    public void Random_bytes_end_in_a_diagnostic()
    {
        Assert.Equal(2000, Bounded.Run(Seconds, "random bytes", CountRefused));
    }

    private static int CountRefused()
    {
        var numbers = new Numbers(5);
        var refused = 0;
        for (var i = 0; i < 2000; i++)
        {
            var bytes = new byte[1 + numbers.Below(200)];
            // Half of them are made of the characters that the grammars know.
            for (var j = 0; j < bytes.Length; j++)
                bytes[j] = i % 2 == 0 ? (byte)numbers.Bits() : (byte)Known[numbers.Below(Known.Length)];
            var bag = new DiagnosticBag();
            var text = SourceText.Decode("random", bytes, new DiagnosticBag())?.Content ?? System.Text.Encoding.Latin1.GetString(bytes);
            refused += IrParser.Parse(new SourceText("random", text), bag) is null ? 1 : 0;
            AssertPositions(text, bag);
            var pipelineBag = new DiagnosticBag();
            Assert.Equal(PassTable.Parse(new SourceText("random", text), pipelineBag) is null, pipelineBag.HasErrors);
            AssertPositions(text, pipelineBag);
        }

        return refused;
    }

    /// <summary>A text with very many mistakes: the bag stops at its limit, and hints are not searched for the rest.</summary>
    [Theory]
    [InlineData("  %v{0} = silu %x{0} : f32[T,4]")]
    [InlineData("  %v{0} = rms_norm %x, weight = @w{0} {{eps = 1.0}} : f32[T,4]")]
    [InlineData("  %v{0} = rms_nrm{0} %x : f32[T,4]")]
    [InlineData("  %v = silu %x : f32[T,4]")]
    public void A_hundred_thousand_mistakes_do_not_take_long(string line)
    {
        var text = new StringBuilder("module @m level float\n");
        for (var i = 0; i < 20_000; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"resource @a_rather_long_name_of_a_resource_{i} : f32[4]\n");
        text.Append("block @b (%x : f32[T,4]) -> f32[T,4] {\n");
        for (var i = 0; i < 100_000; i++)
            text.Append(line.Replace("{0}", i.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal)).Append('\n');
        Assert.True(ParseIr(line, text.Append("  return %x\n}\n").ToString()));
    }

    /// <summary>A line can be as long as a text: what is shown of it costs no more than a short one.</summary>
    [Theory]
    [InlineData("module @m level float {{ {0} }}\nblock", "a = 1")]
    [InlineData("module @m level float\nblock @b (%x : i32[T]) -> f32[T,1] {{\n  {0} = silu %x : f32[T,1]\n  return %x\n}}\n", "%x")]
    [InlineData("module @m level float\nblock @b (%x : i32[T]) -> f32[T,1] {{\n  %y = silu {0} : f32[T,1]\n  return %x\n}}\n", "%x")]
    [InlineData("module @m level float\nblock @b (%x : f32[T,1]) -> f32[T,1] {{\n  %y = silu %x : {0}\n  return %x\n}}\n", "q32[T,1]")]
    public void A_hundred_thousand_mistakes_in_a_line_do_not_take_long(string form, string part) =>
        Assert.True(ParseIr(part, string.Format(System.Globalization.CultureInfo.InvariantCulture, form, string.Join(", ", Enumerable.Repeat(part, 100_000)))));

    /// <summary>True where the text is refused.</summary>
    private static bool ParseIr(string what, string text)
    {
        var bag = new DiagnosticBag();
        var parsed = Bounded.Run(Seconds, what, () => IrParser.Parse(new SourceText("hostile", text), bag));
        Assert.True(parsed is null == bag.HasErrors, what);
        AssertPositions(text, bag);
        return parsed is null;
    }

    private static void ParsePipeline(string what, string text)
    {
        var bag = new DiagnosticBag();
        var parsed = Bounded.Run(Seconds, what, () => PassTable.Parse(new SourceText("hostile", text), bag));
        Assert.True(parsed is null == bag.HasErrors, what);
        AssertPositions(text, bag);
    }

    private static void AssertPositions(string text, DiagnosticBag bag)
    {
        var lines = text.Count(c => c == '\n') + 1;
        Assert.All(bag.Items, item => Assert.True(item.Place.Line >= 1 && item.Place.Line <= lines && item.Place.Column >= 1, item.ToString()));
        // A message shows a part of a long line, and of a long word.
        Assert.All(bag.Items, item => Assert.True(item.Message.Length < 4000, $"a message of {item.Message.Length} characters"));
    }
}
