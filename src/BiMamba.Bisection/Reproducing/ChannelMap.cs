using BiMamba.IR;

namespace BiMamba.Bisection.Reproducing;

/// <summary>
/// Which features of values and which rows and columns of weights must be kept together when ops are cut down: disjoint
/// sets of channels, one node for every feature of a value and every index of an axis that can be cut.
/// </summary>
internal sealed class ChannelMap
{
    private readonly List<int> parents = [];
    private readonly HashSet<int> pinned = [];
    private readonly Dictionary<string, int[]> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]?[]> axes = new(StringComparer.Ordinal);

    /// <summary>Names of the values.</summary>
    public IEnumerable<string> Values => values.Keys;

    /// <summary>Nodes of a value, one a feature; made when it is first named.</summary>
    public int[] Value(string name, long width)
    {
        if (!values.TryGetValue(name, out var nodes))
            values.Add(name, nodes = NewNodes(width));
        return nodes;
    }

    /// <summary>Nodes of one axis of a weight, tied to other nodes of the same number.</summary>
    public void Axis(Resource resource, int axis, int[] nodes)
    {
        if (!axes.TryGetValue(resource.Name, out var known))
            axes.Add(resource.Name, known = new int[]?[resource.Shape.Rank]);
        Tie(known[axis] ??= NewNodes(resource.Shape[axis]), nodes);
    }

    /// <summary>Keeps nodes together, one by one.</summary>
    public void Tie(int[] left, int[] right)
    {
        for (var i = 0; i < left.Length; i++)
        {
            var (first, second) = (Find(left[i]), Find(right[i]));
            if (first != second)
                parents[first] = second;
        }
    }

    /// <summary>Keeps nodes in every cut.</summary>
    public void Pin(int[] nodes) => pinned.UnionWith(nodes);

    /// <summary>The sets of a value's features, in order, without those that every cut keeps.</summary>
    public int[] Sets(string value)
    {
        var always = Always();
        return [.. values[value].Select(Find).Where(set => !always.Contains(set)).Distinct()];
    }

    /// <summary>The set of one feature.</summary>
    public int Set(string value, int feature) => Find(values[value][feature]);

    /// <summary>All sets.</summary>
    public HashSet<int> All() => [.. Enumerable.Range(0, parents.Count).Select(Find)];

    /// <summary>A choice of sets, with those that every cut keeps and at least one for every value.</summary>
    public HashSet<int> Complete(IEnumerable<int> sets)
    {
        var result = Always();
        result.UnionWith(sets);
        foreach (var nodes in values.Values.Concat(axes.Values.SelectMany(known => known.OfType<int[]>())).Where(nodes => nodes.Length > 0))
        {
            if (!nodes.Any(node => result.Contains(Find(node))))
                result.Add(Find(nodes[0]));
        }

        return result;
    }

    /// <summary>The features of a value that a choice keeps.</summary>
    public int[] Kept(string value, HashSet<int> sets) => Kept(values[value], sets);

    /// <summary>The indices of each axis of a weight that a choice keeps; null for an axis that stays whole.</summary>
    public int[]?[] Kept(Resource resource, HashSet<int> sets) => axes.TryGetValue(resource.Name, out var known)
        ? [.. known.Select(nodes => nodes is null || nodes.All(node => sets.Contains(Find(node))) ? null : Kept(nodes, sets))]
        : new int[]?[resource.Shape.Rank];

    private int[] Kept(int[] nodes, HashSet<int> sets) => [.. nodes.Index().Where(node => sets.Contains(Find(node.Item))).Select(node => node.Index)];

    private HashSet<int> Always() => [.. pinned.Select(Find)];

    private int[] NewNodes(long count)
    {
        var nodes = Enumerable.Range(parents.Count, checked((int)count)).ToArray();
        parents.AddRange(nodes);
        return nodes;
    }

    private int Find(int node)
    {
        while (parents[node] != node)
            node = parents[node] = parents[parents[node]];
        return node;
    }
}
