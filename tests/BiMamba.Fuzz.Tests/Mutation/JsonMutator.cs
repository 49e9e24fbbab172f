using System.Globalization;
using BiMamba.Fuzz.Tests.Harness;

namespace BiMamba.Fuzz.Tests.Mutation;

/// <summary>Changes JSON documents as trees: kinds, numbers, keys, members, nesting.</summary>
internal static class JsonMutator
{
    private const string LoneSurrogate = "\"\\ud800\"";

    private static readonly string[] Scalars =
    [
        "null", "true", "false", "0", "1", "-1", "2", "-0", "-0.0", "0.5", "1.0", "255", "256", "65536", "16777217", "2147483647", "2147483648", "-2147483648", "4294967296", "9007199254740993",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615", "18446744073709551616", "1e19", "1e308", "1e309", "-1e309", "1e-400", "1E+2", "1e999999999",
        "123456789012345678901234567890123456789012345678901234567890", "\"\"", "\"0\"", "\"null\"", "\"NaN\"", "\"Infinity\"", LoneSurrogate, "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\u202e\\n\\t\"", "\"é😀\"",
        "\"../../x\"", "\"a/b\"", "[]", "{}", "[[]]", "[null]", "{\"\":null}", "[0,0]", "[-1]", "NaN", "Infinity", "'x'", "01", "+1", ".5", "1.", "nul", "\"\\x\"", "\"\t\"", "",
    ];

    /// <summary>A copy of a document with one to four changes; now and then its bytes are changed too.</summary>
    /// <param name="random">The numbers of the case.</param>
    /// <param name="seed">The document.</param>
    /// <param name="words">Texts that mean something to the parser, as JSON.</param>
    public static byte[] Mutate(FuzzRandom random, JsonTree seed, IReadOnlyList<string> words)
    {
        var bytes = Tree(random, seed, words).ToBytes();
        return random.OneIn(12) ? ByteMutator.Mutate(random, bytes, [], [bytes]) : bytes;
    }

    /// <summary>A copy of a document with one to four changes.</summary>
    public static JsonTree Tree(FuzzRandom random, JsonTree seed, IReadOnlyList<string> words)
    {
        var tree = seed.Copy();
        for (var count = random.Length(4); count > 0; count--)
            tree = Change(random, tree, words);
        return tree;
    }

    private static JsonTree Change(FuzzRandom random, JsonTree tree, IReadOnlyList<string> words)
    {
        var holders = tree.All().Where(node => node.Members.Count + node.Items.Count > 0).ToArray();
        if (holders.Length == 0 || random.OneIn(60))
            return Value(random, tree, words);
        var holder = random.Pick(holders);
        var index = random.Below(holder.Members.Count + holder.Items.Count);
        if (holder.Kind == '{')
            ChangeMember(random, tree, holder.Members, index, words);
        else
            ChangeItem(random, tree, holder.Items, index, words);
        return tree;
    }

    private static void ChangeMember(FuzzRandom random, JsonTree tree, List<(string Key, JsonTree Value)> members, int index, IReadOnlyList<string> words)
    {
        var (key, value) = members[index];
        switch (random.Below(9))
        {
            case 0:
                members.RemoveAt(index);
                break;
            case 1:
                members.Insert(random.Below(members.Count + 1), (key, random.OneIn(2) ? value.Copy() : Value(random, tree, words)));
                break;
            case 2:
                members[index] = (Key(random, key, words), value);
                break;
            case 3:
                members.Add((Key(random, key, words), Value(random, tree, words)));
                break;
            case 4:
                members.Reverse();
                break;
            default:
                members[index] = (key, Replacement(random, tree, value, words));
                break;
        }
    }

    private static void ChangeItem(FuzzRandom random, JsonTree tree, List<JsonTree> items, int index, IReadOnlyList<string> words)
    {
        switch (random.Below(6))
        {
            case 0:
                items.RemoveAt(index);
                break;
            case 1:
                items.Insert(index, items[index].Copy());
                break;
            case 2:
                items.Insert(index, Value(random, tree, words));
                break;
            default:
                items[index] = Replacement(random, tree, items[index], words);
                break;
        }
    }

    private static JsonTree Replacement(FuzzRandom random, JsonTree tree, JsonTree old, IReadOnlyList<string> words) =>
        random.Below(3) == 0 || old.Kind != 's' ? Value(random, tree, words) : JsonTree.Scalar(Near(random, old.Text));

    /// <summary>Another scalar of the same kind.</summary>
    private static string Near(FuzzRandom random, string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return Number(random, number).ToString(CultureInfo.InvariantCulture);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return random.Pick((string[])[(-value).ToString("R", CultureInfo.InvariantCulture), (value * 1e300).ToString("R", CultureInfo.InvariantCulture), text + "e9", "0", text + "1"]);
        if (text.StartsWith('"') && text.Length > 2)
        {
            var at = random.Between(1, text.Length - 2);
            return random.Pick((string[])[text.Remove(at, 1), text.Insert(at, text[at].ToString()), text.Insert(text.Length - 1, "\\u0000"), text.Insert(text.Length - 1, "\\ud800"), text.Insert(1, text[1..^1]), text.ToUpperInvariant()]);
        }

        return random.Pick(Scalars);
    }

    private static Int128 Number(FuzzRandom random, long number) => random.Below(6) switch
    {
        0 => (Int128)number + 1,
        1 => (Int128)number - 1,
        2 => -(Int128)number,
        3 => (Int128)number * 2,
        4 => (Int128)number << random.Below(60),
        _ => (Int128)ByteMutator.Boundary(random),
    };

    private static string Key(FuzzRandom random, string key, IReadOnlyList<string> words) => random.Below(6) switch
    {
        0 => "\"\"",
        1 => LoneSurrogate,
        2 => Long(random),
        3 => key[..^1] + "x\"",
        _ => words.Count > 0 ? random.Pick(words) is ['"', ..] word ? word : key : key.ToUpperInvariant(),
    };

    private static JsonTree Value(FuzzRandom random, JsonTree tree, IReadOnlyList<string> words)
    {
        switch (random.Below(12))
        {
            case 0:
                var all = tree.All().ToArray();
                return random.Pick(all).Copy();
            case 1 when random.OneIn(3):
                var depth = 1 << random.Below(12);
                return JsonTree.Scalar(string.Concat(Enumerable.Repeat(random.OneIn(2) ? "[" : "{\"a\":", depth)) + "0" + (random.OneIn(2) ? "" : new string(']', depth)));
            case 2 when random.OneIn(3):
                return JsonTree.Scalar(Long(random));
            case 3 when random.OneIn(3):
                return JsonTree.Scalar("[" + string.Join(',', Enumerable.Repeat(random.Pick(Scalars), 1 << random.Below(10))) + "]");
            case < 8 when words.Count > 0:
                return JsonTree.Scalar(random.Pick(words));
            default:
                return JsonTree.Scalar(random.Pick(Scalars));
        }
    }

    private static string Long(FuzzRandom random) => $"\"{new string(random.Pick("xé\u00A0/."), 1 << random.Below(13))}\"";

    private static char Pick(this FuzzRandom random, string text) => text[random.Below(text.Length)];
}
