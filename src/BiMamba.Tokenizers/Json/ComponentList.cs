using System.Text.Json;

namespace BiMamba.Tokenizers.Json;

/// <summary>Opens a component that may be a <c>Sequence</c> of others.</summary>
internal static class ComponentList
{
    /// <summary>The most components of one kind.</summary>
    public const int MaxComponents = 32;

    /// <summary>The components in order; a sequence counts as its members. The depth is bounded by that of the JSON.</summary>
    /// <param name="element">The component, or null: none.</param>
    /// <param name="path">Its path.</param>
    /// <param name="members">The name of the member list of a sequence.</param>
    /// <param name="report">Where errors go.</param>
    public static List<JsonFields> Flatten(JsonElement? element, string path, string members, JsonReport report)
    {
        var list = new List<JsonFields>();
        if (element is { } component)
            Add(component, path, members, report, list);
        return list;
    }

    private static void Add(JsonElement element, string path, string members, JsonReport report, List<JsonFields> list)
    {
        if (JsonFields.Open(element, path, report) is not { } fields)
            return;
        if (fields.Require("type", JsonValueKind.String, "the name of a component") is null)
            return;
        if (fields.Type != "Sequence")
        {
            list.Add(fields);
            if (list.Count == MaxComponents + 1)
                report.Unsupported(path, $"expected at most {MaxComponents} components, found more");
            return;
        }

        fields.Expect("type", members);
        if (fields.Require(members, JsonValueKind.Array, "an array of components") is not { } items)
            return;
        var index = 0;
        foreach (var item in items.EnumerateArray())
        {
            if (list.Count > MaxComponents)
                return;
            Add(item, $"{fields.PathOf(members)}[{index++}]", members, report, list);
        }
    }
}
