using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.Tokenizers.Tests;

/// <summary>A text of whole code points.</summary>
internal sealed record UnicodeText(string Value);

/// <summary>Texts of any planes, with plenty of the characters that splitting looks at.</summary>
internal sealed class ArbitraryText : Arbitrary<UnicodeText>
{
    public override Gen<UnicodeText> Generator { get; } =
        Gen.OneOf(
            Gen.Choose(0, 0x7F),
            Gen.Choose(0x80, 0x3000),
            Gen.Elements(32, 32, 39, 10, 0xA0, 104, 101, 108, 111, 119),
            Gen.Choose(0xE000, 0xFFFF),
            Gen.Choose(0x10000, 0x10FFFF))
        .ArrayOf()
        .Select(points => new UnicodeText(string.Concat(points.Select(p => new Rune(p).ToString()))));
}
