namespace BiMamba.Text;

/// <summary>Suggests a known name for a mistyped one.</summary>
public static class NearestName
{
    /// <summary>A hint that names the nearest known name, or lists all of them where none is near.</summary>
    public static string Hint(string name, IEnumerable<string> known)
    {
        var all = known.ToList();
        if (all.Count == 0)
            return "there are none";
        var (best, distance) = all.Select(candidate => (candidate, Distance(name, candidate))).MinBy(pair => pair.Item2);
        return distance <= Math.Max(2, name.Length / 3) ? $"did you mean '{best}'?" : $"known are {string.Join(", ", all)}";
    }

    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
