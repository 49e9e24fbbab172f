namespace BiMamba.Testing;

/// <summary>
/// Compares text with committed golden files, after Verify's conventions: <c>*.verified.*</c> is committed,
/// <c>*.received.*</c> is written beside it on a mismatch and ignored by git.
/// </summary>
public static class Golden
{
    /// <summary>
    /// Fails unless the text equals a golden file, line ends read as <c>\n</c>. <c>BIMAMBA_BLESS=1</c> rewrites the
    /// golden file instead, never where <c>CI=true</c>.
    /// </summary>
    /// <param name="path">Path of the golden file: <c>name.verified.ext</c>, or a generated file at its own name.</param>
    /// <param name="actual">The text of this run.</param>
    public static void Match(string path, string actual)
    {
        actual = actual.ReplaceLineEndings("\n");
        var received = ReceivedPath(path);
        var ci = Environment.GetEnvironmentVariable("CI") == "true";
        if (!ci && Environment.GetEnvironmentVariable("BIMAMBA_BLESS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            File.Delete(received);
            return;
        }

        var expected = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : null;
        if (expected == actual)
        {
            File.Delete(received);
            return;
        }

        if (!ci)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(received, actual);
        }

        var name = Path.GetRelativePath(Repository.Root, path);
        Assert.Fail(expected is null
            ? $"{name} does not exist; BIMAMBA_BLESS=1 writes it. Received:\n{actual}"
            : $"{name} differs; a mismatch is evidence, BIMAMBA_BLESS=1 rewrites it.\n{Difference(expected, actual)}");
    }

    private static string ReceivedPath(string path) => path.Contains(".verified.", StringComparison.Ordinal)
        ? path.Replace(".verified.", ".received.", StringComparison.Ordinal)
        : Path.ChangeExtension(path, ".received" + Path.GetExtension(path));

    private static string Difference(string expected, string actual)
    {
        var left = expected.Split('\n');
        var right = actual.Split('\n');
        var first = 0;
        while (first < left.Length && first < right.Length && left[first] == right[first])
            first++;
        var lines = new List<string> { $"first difference in line {first + 1}:" };
        for (var i = first; i < Math.Min(first + 5, Math.Max(left.Length, right.Length)); i++)
        {
            var isSame = i < left.Length && i < right.Length && left[i] == right[i];
            if (i < left.Length)
                lines.Add((isSame ? "  " : "- ") + left[i]);
            if (i < right.Length && !isSame)
                lines.Add("+ " + right[i]);
        }

        return string.Join('\n', lines);
    }
}
