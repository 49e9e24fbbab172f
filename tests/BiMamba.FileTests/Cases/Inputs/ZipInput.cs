using System.Globalization;
using BiMamba.Testing.Building;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>
/// A stored zip archive. Lines <c>entry NAME : BYTES</c>, where a lying entry has words behind its name:
/// <c>method N</c>, <c>flags N</c>, <c>local NAME</c> (the name in its local header), <c>length N</c> and
/// <c>compressed N</c> (in the directory), <c>at N</c> (its offset in the directory); and lines <c>entries N</c> (what the end
/// declares), <c>zip64</c>, <c>comment : BYTES</c>.
/// </summary>
internal static class ZipInput
{
    /// <summary>The bytes of the archive.</summary>
    /// <exception cref="CaseException">A line is no part of an archive.</exception>
    public static byte[] Parse(IReadOnlyList<CaseLine> body)
    {
        var items = new List<ZipItem>();
        int? declared = null;
        var zip64 = false;
        byte[] comment = [];
        foreach (var (key, value) in InputLines.Split(body))
        {
            var words = CaseWords.Split(key.Text, key.Number);
            switch (words[0])
            {
                case "entry" when words.Count > 1:
                    items.Add(Entry(words, key.Number, ByteText.Parse(value)));
                    break;
                case "entries" when words.Count == 2:
                    declared = (int)Number(words[1], key.Number);
                    break;
                case "zip64" when words.Count == 1:
                    zip64 = true;
                    break;
                case "comment" when words.Count == 1:
                    comment = ByteText.Parse(value);
                    break;
                default:
                    throw new CaseException(key.Number, $"expected 'entry NAME : BYTES', 'entries N', 'zip64' or 'comment : BYTES', found '{key.Text}'");
            }
        }

        var zip = new ZipBuilder(zip64) { DeclaredEntries = declared };
        foreach (var item in items)
            zip.Add(item);
        return zip.Build(comment);
    }

    private static ZipItem Entry(IReadOnlyList<string> words, int line, byte[] data)
    {
        var item = new ZipItem(words[1], data);
        for (var i = 2; i < words.Count; i += 2)
        {
            var value = i + 1 < words.Count ? words[i + 1] : throw new CaseException(line, $"expected a value behind '{words[i]}'");
            item = words[i] switch
            {
                "method" => item with { Method = (int)Number(value, line) },
                "flags" => item with { Flags = (int)Number(value, line) },
                "local" => item with { LocalName = value },
                "length" => item with { DirectoryLength = Number(value, line) },
                "compressed" => item with { DirectoryCompressed = Number(value, line) },
                "at" => item with { HeaderOffset = Number(value, line) },
                _ => throw new CaseException(line, $"expected method, flags, local, length, compressed or at, found '{words[i]}'"),
            };
        }

        return item;
    }

    private static long Number(string text, int line) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        ? value
        : throw new CaseException(line, $"expected a whole number, found '{text}'");
}
