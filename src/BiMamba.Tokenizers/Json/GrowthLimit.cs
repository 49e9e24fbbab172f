using System.Text;

namespace BiMamba.Tokenizers.Json;

/// <summary>
/// Bounds how much longer a chain of replacements makes a text: without it a short file could ask for a chain that
/// doubles the text at every step.
/// </summary>
internal sealed class GrowthLimit
{
    /// <summary>A text becomes at most this many times longer. U+2581 for a space needs 3.</summary>
    public const int MaxFactor = 4;

    /// <summary>The longest text to prepend, in bytes.</summary>
    public const int MaxPrefix = 64;

    private long factor = 1;

    /// <summary>Counts one replacement in; an error where the chain grows too much.</summary>
    /// <returns>True where the limit is kept.</returns>
    public bool Add(string pattern, string content, JsonFields fields)
    {
        var (before, after) = (Encoding.UTF8.GetByteCount(pattern), Encoding.UTF8.GetByteCount(content));
        var grown = factor * Math.Max(1, ((long)after + before - 1) / before);
        if (grown <= MaxFactor)
        {
            factor = grown;
            return true;
        }

        fields.Report.Unsupported(fields.PathOf("content"), $"expected replacements that make a text at most {MaxFactor} times longer, found {grown} times");
        return false;
    }
}
