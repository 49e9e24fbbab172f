using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>
/// Bytes as readable text: hex pairs, <c>u8</c> to <c>u64</c>, <c>i8</c> to <c>i64</c>, <c>f16</c>, <c>bf16</c>, <c>f32</c>,
/// <c>f64</c> with a number or a <c>[list]</c> (little-endian), <c>"UTF-8 text"</c>, <c>'text without escapes'</c>, <c>( group )</c>,
/// <c>repeat N ITEM</c>, <c>sized TYPE ITEM</c> (an item behind its length), <c>align N</c>, and the instructions of a
/// pickle by the words of <see cref="PickleWords"/>. A semicolon begins a comment.
/// </summary>
internal sealed partial class ByteText
{
    private readonly List<(int Line, string Text)> tokens = [];
    private int next;

    private ByteText(IReadOnlyList<CaseLine> lines)
    {
        foreach (var line in lines)
        {
            var at = 0;
            while (at < line.Text.Length)
            {
                var match = Token().Match(line.Text, at);
                if (!match.Success)
                    throw new CaseException(line.Number, $"expected bytes, found '{line.Text[at..]}'");
                if (match.Groups["token"].Success)
                    tokens.Add((line.Number, match.Groups["token"].Value));
                at += match.Length;
            }
        }

        LastLine = lines.Count > 0 ? lines[^1].Number : 1;
    }

    private int LastLine { get; }

    /// <summary>The bytes that lines describe.</summary>
    /// <exception cref="CaseException">A word is unknown or a number does not fit its type.</exception>
    public static byte[] Parse(IReadOnlyList<CaseLine> lines)
    {
        var parser = new ByteText(lines);
        var bytes = new List<byte>();
        while (parser.next < parser.tokens.Count)
            parser.Item(bytes);
        return [.. bytes];
    }

    /// <summary>The next token, whatever it is.</summary>
    public string Take(string expected) =>
        next < tokens.Count ? tokens[next++].Text : throw new CaseException(LastLine, $"expected {expected}, found the end");

    /// <summary>The next token as a word or the content of a text.</summary>
    public string TakeText(string expected) => Take(expected) is var token && token[0] == '"' ? Encoding.UTF8.GetString(Unquote(token)) : token;

    /// <summary>The next token as a whole number, decimal or 0x.</summary>
    public long TakeInteger(string expected)
    {
        var token = Take(expected);
        return TryInteger(token, out var value) && value >= long.MinValue && value <= long.MaxValue ? (long)value : throw Wrong(expected, token);
    }

    /// <summary>A list of whole numbers.</summary>
    public long[] TakeIntegers(string expected) => [.. List(expected).Select(token => TryInteger(token, out var value) ? (long)value : throw Wrong(expected, token))];

    /// <summary>The error at the token just taken.</summary>
    public CaseException Wrong(string expected, string found) => new(tokens[next - 1].Line, $"expected {expected}, found '{found}'");

    private void Item(List<byte> bytes)
    {
        var token = Take("bytes");
        if (token[0] == '"')
            bytes.AddRange(Unquote(token));
        else if (token[0] == '\'')
            bytes.AddRange(Encoding.UTF8.GetBytes(token[1..^1]));
        else if (HexPair().IsMatch(token))
            bytes.Add(Convert.FromHexString(token)[0]);
        else if (NumberBytes.Find(token) is not null)
            Numbers(token, bytes);
        else if (!TryGroup(token, bytes) && !PickleWords.TryWrite(token, this, bytes))
            throw Wrong("a hex pair, a number type, a text, '(', repeat, sized, align or a word of a pickle", token);
    }

    private bool TryGroup(string token, List<byte> bytes)
    {
        switch (token)
        {
            case "(":
                while (next < tokens.Count && tokens[next].Text != ")")
                    Item(bytes);
                Take("')'");
                return true;
            case "repeat":
                var times = TakeInteger("a number of times");
                var item = One();
                for (long i = 0; i < times; i++)
                    bytes.AddRange(item);
                return true;
            case "sized":
                var type = Take("a number type");
                var content = One();
                bytes.AddRange(NumberBytes.Of(type, content.Count.ToString(CultureInfo.InvariantCulture)) ?? throw Wrong("a number type that holds the length", type));
                bytes.AddRange(content);
                return true;
            case "align":
                var unit = TakeInteger("a number of bytes");
                while (bytes.Count % unit != 0)
                    bytes.Add(0);
                return true;
            default:
                return false;
        }
    }

    private List<byte> One()
    {
        var bytes = new List<byte>();
        Item(bytes);
        return bytes;
    }

    private void Numbers(string type, List<byte> bytes)
    {
        foreach (var number in next < tokens.Count && tokens[next].Text == "[" ? List("a number") : [Take("a number")])
            bytes.AddRange(NumberBytes.Of(type, number) ?? throw Wrong($"a number of type {type}", number));
    }

    private IEnumerable<string> List(string expected)
    {
        if (Take("'['") is var open && open != "[")
            throw Wrong("'['", open);
        while (Take(expected + " or ']'") is var token && token != "]")
        {
            if (token != ",")
                yield return token;
        }
    }

    private byte[] Unquote(string token)
    {
        var bytes = new List<byte>();
        var text = token[1..^1];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                var length = char.IsHighSurrogate(text[i]) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(i, length)));
                i += length - 1;
                continue;
            }

            i++;
            if (text[i] == 'x' && i + 2 < text.Length && HexPair().IsMatch(text.AsSpan(i + 1, 2)))
                bytes.Add(Convert.FromHexString(text.AsSpan((i += 2) - 1, 2))[0]);
            else
                bytes.Add("ntr0\"\\".Contains(text[i], StringComparison.Ordinal) ? (byte)"\n\t\r\0\"\\"["ntr0\"\\".IndexOf(text[i], StringComparison.Ordinal)] : throw Wrong("one of the escapes \\n \\t \\r \\0 \\\" \\\\ \\xNN", "\\" + text[i]));
        }

        return [.. bytes];
    }

    private static bool TryInteger(string text, out Int128 value) => NumberBytes.TryInteger(text, out value);

    [GeneratedRegex(@"\G(?:\s+|;.*|(?<token>""(?:[^""\\]|\\.)*""|'[^']*'|[()\[\],]|[^\s()\[\],;""']+))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();

    [GeneratedRegex("^[0-9A-Fa-f]{2}$", RegexOptions.None, 1000)]
    private static partial Regex HexPair();
}
