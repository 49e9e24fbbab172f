using System.Collections.Immutable;

namespace BiMamba.Passes.Shared.LowBit;

/// <summary>
/// Names weights and, in brackets, some of their segments: <c>*in_proj*</c>, <c>in_proj[dt]</c>, <c>layers.0.*[B,C]</c>. What stands
/// before the brackets is a <see cref="NamePattern"/> of the whole name; a word without wildcard and dot is one part of the name between dots.
/// </summary>
public sealed class TargetPattern
{
    private readonly bool isPart;

    private TargetPattern(string text, string stem, ImmutableArray<string> segments)
    {
        (Text, Stem, Segments) = (text, new NamePattern(stem), segments);
        isPart = !stem.Contains('*', StringComparison.Ordinal) && !stem.Contains('.', StringComparison.Ordinal);
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>The pattern of the weight's name.</summary>
    public NamePattern Stem { get; }

    /// <summary>The names of segments; empty for the whole weight.</summary>
    public ImmutableArray<string> Segments { get; }

    /// <summary>The pattern of a text; null where it is none, with the reason.</summary>
    public static TargetPattern? Parse(string text, out string reason)
    {
        reason = "";
        var open = text.IndexOf('[', StringComparison.Ordinal);
        if (open < 0)
            return new TargetPattern(text, text, []);
        var names = text[(open + 1)..].TrimEnd(']').Split(',', StringSplitOptions.TrimEntries);
        if (open > 0 && text[^1] == ']' && names.All(name => name.Length > 0 && name.All(char.IsAsciiLetterOrDigit)))
            return new TargetPattern(text, text[..open], [.. names]);
        reason = $"expected a pattern such as in_proj[dt] or *out_proj*, found {text}";
        return null;
    }

    /// <summary>True where a weight's name matches.</summary>
    public bool MatchesWeight(string name) => isPart ? name.Split('.').Contains(Stem.Text, StringComparer.Ordinal) : Stem.Matches(name);

    /// <summary>True where a segment of a weight is meant.</summary>
    public bool Matches(string weight, Segment segment) => (Segments.IsEmpty || Segments.Contains(segment.Name, StringComparer.Ordinal)) && MatchesWeight(weight);
}
