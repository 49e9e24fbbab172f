using System.Text;
using BiMamba.Fuzz.Tests.Harness;
using BiMamba.Testing;

namespace BiMamba.Fuzz.Tests.Mutation;

/// <summary>Changes texts of a grammar token by token, and splices texts into one another.</summary>
/// <param name="seeds">Good texts.</param>
/// <param name="brackets">Pairs of brackets of the grammar, by which deep nesting is written.</param>
internal sealed class TextMutator(IReadOnlyList<string> seeds, IReadOnlyList<string> brackets)
{
    private static readonly string[] Strangers =
    [
        "$", "?", "\"", "\"\\q\"", "}", "{", "[", "]", "(", ")", "-", "=", ",", ";", "|", ":", "->", "\n", "\r", "\t", "\0", "é", "\uFEFF", "\u202E", "\"\\u0041\"", "\"\\ud800\"",
        "0", "1", "-1", "2147483648", "4294967295", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "99999999999999999999", "0xFFFFFFFFFFFFFFFF", "0x", "1e999", "1e-999", "nan", "inf", "0.1.2",
    ];

    private readonly (string Text, IReadOnlyList<TextToken> Tokens)[] texts = [.. seeds.Select(seed => (seed, TextToken.Split(seed)))];

    /// <summary>A changed text in UTF-8; now and then its bytes are changed too.</summary>
    public byte[] Mutate(FuzzRandom random)
    {
        var (text, tokens) = random.Pick(texts);
        var pieces = Pieces(text, tokens);
        for (var count = random.Length(4); count > 0; count--)
            Change(random, pieces);
        var bytes = Encoding.UTF8.GetBytes(string.Concat(pieces));
        return random.OneIn(16) && bytes.Length > 0 ? ByteMutator.Mutate(random, bytes, [], [bytes]) : bytes;
    }

    /// <summary>Tokens, each with the blanks and comments before it; the last piece is what follows them.</summary>
    private static List<string> Pieces(string text, IReadOnlyList<TextToken> tokens)
    {
        var pieces = new List<string>(tokens.Count + 1);
        var at = 0;
        foreach (var token in tokens)
        {
            pieces.Add(text[at..token.End]);
            at = token.End;
        }

        pieces.Add(text[at..]);
        return pieces;
    }

    private void Change(FuzzRandom random, List<string> pieces)
    {
        var at = random.Below(pieces.Count);
        var length = random.Length(pieces.Count - at);
        switch (random.Below(10))
        {
            case 0:
                pieces.RemoveRange(at, Math.Min(length, pieces.Count - 1));
                break;
            case 1:
                pieces.InsertRange(at, pieces.GetRange(at, length));
                break;
            case 2:
                var other = random.Below(pieces.Count);
                (pieces[at], pieces[other]) = (pieces[other], pieces[at]);
                break;
            case 3 or 4:
                pieces[at] = " " + random.Pick(Strangers) + " ";
                break;
            case 5:
                pieces[at] = " " + pieces[random.Below(pieces.Count)].Trim() + " ";
                break;
            case 6:
                var (text, tokens) = random.Pick(texts);
                var found = Pieces(text, tokens);
                var from = random.Below(found.Count);
                pieces.InsertRange(at, found.GetRange(from, random.Length(found.Count - from)));
                break;
            case 7:
                pieces.RemoveRange(at, pieces.Count - at);
                pieces.Add("");
                break;
            case 8:
                pieces[at] = Near(random, pieces[at]);
                break;
            default:
                pieces.Insert(at, random.OneIn(2) ? new string(random.OneIn(2) ? 'x' : '9', 1 << random.Below(12)) : Nested(random));
                break;
        }
    }

    private static string Near(FuzzRandom random, string piece)
    {
        if (piece.Length == 0)
            return "x";
        var at = random.Below(piece.Length);
        return random.Below(4) switch
        {
            0 => piece.Remove(at, 1),
            1 => piece.Insert(at, piece[at].ToString()),
            2 => piece + random.Below(10).ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => piece.Insert(at, random.Pick(Strangers)),
        };
    }

    private string Nested(FuzzRandom random)
    {
        var depth = 1 << random.Below(12);
        var pair = random.Pick(brackets);
        return string.Concat(Enumerable.Repeat(pair[..^1], depth)) + "1" + (random.OneIn(2) ? "" : new string(pair[^1], depth));
    }
}
