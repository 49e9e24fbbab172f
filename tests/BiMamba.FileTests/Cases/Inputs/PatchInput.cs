using System.Text.RegularExpressions;
using BiMamba.CommandLine.Tests;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>
/// Changes of a file in place. <c>PLACE : BYTES</c> overwrites, <c>flip PLACE : BYTES</c> turns these bits over; a place is
/// <c>0x10</c>, <c>16</c>, <c>end-4</c>, or in a .bimb file <c>head.version</c> (where that field is) and <c>*head.module.offset</c>
/// (where its value points), each with <c>+N</c> behind it. <c>rehash table.tensors[2]</c> makes the hash of that tensor of a .bimb file right again, <c>rehash</c>
/// those of its sections.
/// </summary>
internal static partial class PatchInput
{
    /// <summary>Changes the file.</summary>
    /// <exception cref="CaseException">A place is not in the file.</exception>
    public static void Apply(string path, IReadOnlyList<CaseLine> body)
    {
        var bytes = File.ReadAllBytes(path);
        Lazy<BimbPatch> bimb = new(() => new BimbPatch(path));
        foreach (var (key, value) in InputLines.Split(body))
        {
            if (key.Text == "rehash")
            {
                bimb.Value.Rehash(bytes);
                continue;
            }

            if (key.Text.StartsWith("rehash ", StringComparison.Ordinal))
            {
                var row = key.Text[7..];
                if (!bimb.Value.Has(row + ".sha256"))
                    throw new CaseException(key.Number, $"no tensor '{row}' in the file");
                bimb.Value.RehashTensor(row, bytes);
                continue;
            }

            var isFlip = key.Text.StartsWith("flip ", StringComparison.Ordinal);
            var place = Place(isFlip ? key.Text[5..] : key.Text, bytes, bimb, key.Number);
            var written = ByteText.Parse(value);
            if (written.Length == 0 || place < 0 || place + written.Length > bytes.Length)
                throw new CaseException(key.Number, $"{written.Length} bytes at {place} are not inside the {bytes.Length} bytes of the file");
            for (var i = 0; i < written.Length; i++)
                bytes[place + i] = (byte)(isFlip ? bytes[place + i] ^ written[i] : written[i]);
        }

        File.WriteAllBytes(path, bytes);
    }

    private static long Place(string text, byte[] bytes, Lazy<BimbPatch> bimb, int line)
    {
        var match = PlaceForm().Match(text);
        if (!match.Success)
            throw new CaseException(line, $"expected a place such as 0x10, end-4, head.version or *head.module.offset+8, found '{text}'");
        var plus = match.Groups["plus"].Success && NumberBytes.TryInteger(match.Groups["plus"].Value, out var further) ? (long)further : 0;
        if (match.Groups["number"].Success)
            return NumberBytes.TryInteger(match.Groups["number"].Value, out var number) ? (long)number + plus : throw new CaseException(line, $"'{text}' is no number");
        if (match.Groups["end"].Success)
            return bytes.Length - (NumberBytes.TryInteger(match.Groups["end"].Value, out var back) ? (long)back : 0);
        var field = match.Groups["field"].Value;
        if (!bimb.Value.Has(field))
            throw new CaseException(line, $"no field '{field}' in the file");
        return (match.Groups["points"].Success ? bimb.Value.Get(field) : bimb.Value.Offset(field)) + plus;
    }

    [GeneratedRegex(@"^(?:(?<number>0x[0-9A-Fa-f]+|\d+)|end-(?<end>\d+|0x[0-9A-Fa-f]+)|(?<points>\*)?(?<field>[a-z][\w.\[\]]*))(?:\+(?<plus>0x[0-9A-Fa-f]+|\d+))?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PlaceForm();
}
