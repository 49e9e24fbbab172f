using System.Text.RegularExpressions;

namespace BiMamba.Evaluation.Tasks;

/// <summary>The harness's preparation of the texts of HellaSwag, whose WikiHow part has marks such as <c>[title]</c>.</summary>
internal static partial class HellaSwagText
{
    /// <summary>The context: activity, first sentence, and the beginning of the next, whose letters become small.</summary>
    public static string Query(string activity, string first, string second) =>
        Clean($"{activity}: {first} {PythonText.Capitalize(second)}");

    /// <summary>Strips, turns <c> [title]</c> into a full stop, takes other marks out, and halves pairs of spaces, in this order.</summary>
    public static string Clean(string text)
    {
        text = PythonText.Strip(text).Replace(" [title]", ". ", StringComparison.Ordinal);
        return Mark().Replace(text, "").Replace("  ", " ", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\[.*?\]", RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex Mark();
}
