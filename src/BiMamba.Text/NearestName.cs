namespace BiMamba.Text;

/// <summary>Suggests a known name for a mistyped one.</summary>
public static class NearestName
{
    /// <summary>Names that are compared and listed: texts come from files, and a hint must not cost more than reading them.</summary>
    private const int MaxCompared = 4096;

    private const int MaxListed = 40;

    private const int MaxLength = 200;

    /// <summary>A hint that names the nearest known name, or lists the first ones where none is near.</summary>
    public static string Hint(string name, IEnumerable<string> known)
    {
        var all = known.Take(MaxCompared + 1).ToList();
        if (all.Count == 0)
            return "there are none";
        var limit = Math.Max(2, name.Length / 3);
        // No distance is less than the difference of the lengths.
        var near = all.Take(MaxCompared).Where(candidate => name.Length <= MaxLength && Math.Abs(candidate.Length - name.Length) <= limit)
            .Select(candidate => (Name: candidate, Distance: Distance(name, candidate))).Where(pair => pair.Distance <= limit).ToList();
        if (near.Count > 0)
            return $"did you mean '{near.MinBy(pair => pair.Distance).Name}'?";
        var listed = all.Where(candidate => candidate.Length <= MaxLength).Take(MaxListed);
        return $"known are {string.Join(", ", listed)}{(all.Count > MaxListed ? ", ..." : "")}";
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
