using System.Globalization;

namespace BiMamba.Tokenizers.Unicode;

/// <summary>
/// Canonical decompositions, compositions and combining classes. The runtime's own normalization does nothing without
/// ICU (invariant globalization), so the tables are part of this assembly; their source is named in their first line.
/// </summary>
internal sealed class CanonicalData
{
    private static readonly Lazy<CanonicalData> Shared = new(Read);

    private readonly Dictionary<int, (int First, int Second)> decompositions = [];
    private readonly Dictionary<(int First, int Second), int> compositions = [];
    private readonly Dictionary<int, byte> classes = [];
    private readonly HashSet<int> unstable = [];

    private CanonicalData()
    {
    }

    /// <summary>The one instance; read at first use.</summary>
    public static CanonicalData Instance => Shared.Value;

    /// <summary>The decomposition of a code point (second is -1 for a single one), Hangul excepted.</summary>
    public bool TryDecompose(int codePoint, out (int First, int Second) parts) =>
        decompositions.TryGetValue(codePoint, out parts);

    /// <summary>The composite of two code points, Hangul excepted.</summary>
    public bool TryCompose(int first, int second, out int composite) =>
        compositions.TryGetValue((first, second), out composite);

    /// <summary>The canonical combining class, 0 for starters.</summary>
    public byte CombiningClass(int codePoint) => codePoint < 0x300 ? (byte)0 : classes.GetValueOrDefault(codePoint);

    /// <summary>
    /// True where a code point may differ in NFC or join with what stands before it; false where it starts a stretch
    /// that can be normalized alone.
    /// </summary>
    public bool MayChange(int codePoint) => codePoint >= 0x300 && unstable.Contains(codePoint);

    private static CanonicalData Read()
    {
        using var stream = typeof(CanonicalData).Assembly.GetManifestResourceStream("BiMamba.Tokenizers.canonical.txt")
            ?? throw new InvalidOperationException("the resource canonical.txt is missing from the assembly");
        using var reader = new StreamReader(stream);
        var data = new CanonicalData();
        while (reader.ReadLine() is { } line)
            data.Add(line.Split(' '));
        data.unstable.UnionWith(data.classes.Keys);
        data.unstable.UnionWith(Enumerable.Range(Hangul.VBase, Hangul.VCount));
        data.unstable.UnionWith(Enumerable.Range(Hangul.TBase + 1, Hangul.TCount - 1));
        return data;
    }

    private void Add(string[] fields)
    {
        if (fields[0] == "K")
        {
            for (var i = Hex(fields[1]); i <= Hex(fields[2]); i++)
                classes.Add(i, byte.Parse(fields[3], CultureInfo.InvariantCulture));
        }
        else if (fields[0] is "C" or "D")
        {
            var (composite, first) = (Hex(fields[1]), Hex(fields[2]));
            var second = fields.Length > 3 ? Hex(fields[3]) : -1;
            decompositions.Add(composite, (first, second));
            if (fields[0] == "C")
                compositions.Add((first, second), composite);
            unstable.Add(fields[0] == "C" ? second : composite);
        }
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
