using System.Buffers.Binary;
using System.Text;
using BiMamba.Fuzz.Tests.Harness;

namespace BiMamba.Fuzz.Tests.Mutation;

/// <summary>A pickle as its instructions, and changes of them.</summary>
internal static class PickleTokens
{
    /// <summary>Instructions of every kind that Python has, those that call, import and build among them.</summary>
    private static readonly byte[][] Strangers =
    [
        [.. "("u8], [.. "."u8], [.. "0"u8], [.. "1"u8], [.. "2"u8], [.. "N"u8], [.. "]"u8], [.. "}"u8], [.. ")"u8], [.. "t"u8], [.. "l"u8], [.. "d"u8], [.. "a"u8], [.. "e"u8], [.. "s"u8], [.. "u"u8], [.. "R"u8], [.. "b"u8], [.. "o"u8],
        [0x85], [0x86], [0x87], [0x88], [0x89], [0x81], [0x92], [0x94], [0x93], [0x8f], [0x90], [0x91], [0x97], [0x98], [0x80, 5], [0x95, 255, 255, 255, 255, 255, 255, 255, 127], [.. "Q"u8], [.. "Pstorage\n"u8], [.. "cos\nsystem\n"u8],
        [.. "cbuiltins\neval\n"u8], [.. "ctorch._utils\n_rebuild_tensor_v2\n"u8], [.. "ccollections\nOrderedDict\n"u8], [.. "ctorch\nFloatStorage\n"u8], [.. "ctorch._utils\n_rebuild_parameter\n"u8], [.. "ios\nsystem\n"u8], [.. "I99\n"u8],
        [.. "L999999999999999999999L\n"u8], [.. "F1e999\n"u8], [.. "S'x'\n"u8], [.. "Vx\\ud800\n"u8], [.. "q\0"u8], [.. "h\0"u8], [.. "h\x7f"u8], [.. "r\xff\xff\xff\x7f"u8], [.. "j\xff\xff\xff\xff"u8], [.. "p0\n"u8], [.. "g0\n"u8],
        [.. "K\0"u8], [.. "M\xff\xff"u8], [.. "J\xff\xff\xff\xff"u8], [0x8a, 0], [0x8a, 255], [0x8b, 255, 255, 255, 127], [.. "G\x7f\xf0\0\0\0\0\0\0"u8], [.. "T\x7f\xff\xff\xff"u8], [.. "U\x01x"u8], [.. "X\xff\xff\xff\x7f"u8], [0x8c, 1, (byte)'x'],
        [0x8d, 255, 255, 255, 255, 255, 255, 255, 127], [.. "B\x01\0\0\0x"u8], [.. "C\x01x"u8], [0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 1], [0x96, 1, 0, 0, 0, 0, 0, 0, 0, 1], [0x82, 1], [0x83, 1, 0], [0x84, 1, 0, 0, 0],
    ];

    /// <summary>Instructions of a pickle that <see cref="BiMamba.Testing.Building.PickleBuilder"/> wrote.</summary>
    public static List<byte[]> Split(byte[] pickle)
    {
        var tokens = new List<byte[]>();
        for (var at = 0; at < pickle.Length;)
        {
            var length = pickle[at] switch
            {
                0x80 => 2,
                (byte)'X' => 5 + BinaryPrimitives.ReadInt32LittleEndian(pickle.AsSpan(at + 1)),
                0x8a => 2 + pickle[at + 1],
                (byte)'c' => Lines(pickle, at, 2),
                _ => 1,
            };
            tokens.Add(pickle[at..(at + length)]);
            at += length;
        }

        return tokens;
    }

    /// <summary>The instructions with one to six changes.</summary>
    public static byte[] Mutate(FuzzRandom random, IReadOnlyList<byte[]> seed, IReadOnlyList<IReadOnlyList<byte[]>> others)
    {
        var tokens = seed.ToList();
        for (var count = random.Length(6); count > 0; count--)
            Change(random, tokens, others);
        return [.. tokens.SelectMany(token => token)];
    }

    private static void Change(FuzzRandom random, List<byte[]> tokens, IReadOnlyList<IReadOnlyList<byte[]>> others)
    {
        if (tokens.Count == 0)
            return;
        var at = random.Below(tokens.Count);
        var length = random.Length(tokens.Count - at);
        switch (random.Below(8))
        {
            case 0:
                tokens.RemoveRange(at, length);
                break;
            case 1:
                tokens.InsertRange(at, tokens.GetRange(at, length));
                break;
            case 2:
                var other = random.Below(tokens.Count);
                (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                break;
            case 3:
                tokens.Insert(at, random.Pick(Strangers));
                break;
            case 4 when random.OneIn(6):
                tokens.InsertRange(at, Enumerable.Repeat(random.Pick(Strangers), 1 << random.Below(13)));
                break;
            case 5:
                var from = random.Pick(others);
                var first = random.Below(from.Count);
                tokens.InsertRange(at, from.Skip(first).Take(random.Length(from.Count - first)));
                break;
            default:
                ChangeNumber(random, tokens);
                break;
        }
    }

    private static void ChangeNumber(FuzzRandom random, List<byte[]> tokens)
    {
        var places = Enumerable.Range(0, tokens.Count).Where(i => tokens[i].Length > 1).ToArray();
        if (places.Length == 0)
            return;
        var place = random.Pick(places);
        var token = tokens[place].ToArray();
        if (token[0] == 0x8a && token.Length == 10)
            BinaryPrimitives.WriteUInt64LittleEndian(token.AsSpan(2), random.OneIn(2) ? (ulong)random.Below(12) : ByteMutator.Boundary(random));
        else if (token[0] == (byte)'X')
            token = Text(random, token);
        else
            token[random.Below(token.Length)] ^= (byte)(1 << random.Below(8));
        tokens[place] = token;
    }

    private static byte[] Text(FuzzRandom random, byte[] token)
    {
        var text = random.Pick((string[])["", "0", "1", "x", "cpu", "storage", "model", "module.x", "..", "a/b", new string('n', 1 << random.Below(12)), Encoding.UTF8.GetString(token.AsSpan(5)) + "x"]);
        var bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)'X', .. BitConverter.GetBytes(bytes.Length), .. bytes];
    }

    private static int Lines(byte[] pickle, int at, int count)
    {
        var end = at;
        for (; count > 0; count--)
            end = Array.IndexOf(pickle, (byte)'\n', end) + 1;
        return end - at;
    }
}
