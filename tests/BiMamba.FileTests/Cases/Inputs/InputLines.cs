using System.Text.RegularExpressions;

namespace BiMamba.FileTests.Cases.Inputs;

/// <summary>Lines <c>KEY : BYTES</c>, with further lines of bytes below them that begin with a blank.</summary>
internal static partial class InputLines
{
    /// <summary>Splits a body into keys, each with the lines of its bytes.</summary>
    /// <exception cref="CaseException">A line has no key.</exception>
    public static IReadOnlyList<(CaseLine Key, IReadOnlyList<CaseLine> Value)> Split(IReadOnlyList<CaseLine> body)
    {
        var rows = new List<(CaseLine Key, IReadOnlyList<CaseLine> Value)>();
        List<CaseLine> current = [];
        foreach (var line in body.Where(line => line.Text.Trim().Length > 0 && !line.Text.StartsWith(';')))
        {
            if (line.Text.StartsWith(' ') && rows.Count > 0)
            {
                current.Add(line);
                continue;
            }

            var match = Row().Match(line.Text);
            if (!match.Success)
                throw new CaseException(line.Number, $"expected 'KEY' or 'KEY : VALUE', found '{line.Text}'");
            current = match.Groups["value"].Success ? [line with { Text = match.Groups["value"].Value }] : [];
            rows.Add((line with { Text = match.Groups["key"].Value }, current));
        }

        return rows;
    }

    [GeneratedRegex(@"^(?<key>\S.*?)\s*(?:\s:(?:\s+(?<value>.*))?|(?:\s;.*)?)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();
}
