using BiMamba.Text;

namespace BiMamba.IR;

/// <summary>
/// Hints for names that do not exist. A misspelt name leaves another one that nothing reads, so that one is named first;
/// where everything is read, the hint is the name of nearly the same spelling.
/// </summary>
internal sealed class NameHints
{
    private const int MaxUnread = 3;

    private readonly List<string> names;
    private readonly string? unread;

    private NameHints(IEnumerable<string> all, HashSet<string> read, string sigil, string what)
    {
        names = [.. all.Distinct(StringComparer.Ordinal)];
        var left = names.Where(name => !read.Contains(name)).Take(MaxUnread + 1).Select(name => sigil + TextEscapes.Name(name)).ToList();
        unread = left.Count == 0 ? null : $"{what} {string.Join(", ", left.Take(MaxUnread))}{(left.Count > MaxUnread ? ", ..." : "")}";
    }

    /// <summary>For the values of a block.</summary>
    public static NameHints Values(Block block)
    {
        var read = block.Body.SelectMany(op => op.Operands).Where(operand => !operand.IsResource).Select(operand => operand.Name).Append(block.Return);
        return new NameHints(block.Body.SelectMany(op => op.Results).Append(block.Parameter).Select(value => value.Name), read.ToHashSet(StringComparer.Ordinal), "%", "nothing reads");
    }

    /// <summary>For the resources of a module.</summary>
    public static NameHints Resources(Module module) =>
        new(module.Resources.Keys, module.WithoutUnusedResources().Resources.Keys.ToHashSet(StringComparer.Ordinal), "@", "no op names");

    /// <summary>The hint for a name that does not exist where it is read.</summary>
    public string Hint(string name) => unread ?? NearestName.Hint(name, names);
}
