using System.Globalization;

namespace BiMamba.Formats.Spec;

/// <summary>Walks of a tree.</summary>
public static class SpecPaths
{
    /// <summary>The value at a path such as <c>table.tensors[3].size</c>, or null.</summary>
    public static SpecNode? Find(SpecNode root, ReadOnlySpan<char> path)
    {
        SpecNode? node = root;
        while (path.Length > 0 && node is not null)
        {
            if (path[0] == '[')
            {
                var end = path.IndexOf(']');
                if (end < 0 || !int.TryParse(path[1..end], NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                    return null;
                node = node is SpecArrayNode array && index < array.Items.Count ? array.Items[index] : null;
                path = path[(end + 1)..];
            }
            else
            {
                var end = path.IndexOfAny('.', '[');
                var name = end < 0 ? path : path[..end];
                node = (node as SpecRecordNode)?.Find(name.ToString());
                path = end < 0 ? [] : path[end..];
            }

            if (path.Length > 0 && path[0] == '.')
                path = path[1..];
            if (node is SpecUnionNode { Content: { } content } && path.Length > 0)
                node = content;
        }

        return node;
    }

    /// <summary>The values below a value, itself first, in the order of the file.</summary>
    public static IEnumerable<SpecNode> Walk(SpecNode node)
    {
        yield return node;
        var children = node switch
        {
            SpecRecordNode record => record.Children,
            SpecArrayNode array => array.Items,
            SpecUnionNode union => [union.Content],
            _ => (IEnumerable<SpecNode?>)[],
        };
        foreach (var child in children)
        {
            if (child is null)
                continue;
            foreach (var inner in Walk(child))
                yield return inner;
        }
    }

    /// <summary>Order of code points, which is the order of the UTF-8 bytes; UTF-16 order differs above U+FFFF.</summary>
    public static int CompareCodePoints(string left, string right)
    {
        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            if (left[i] == right[i])
                continue;
            if (char.IsSurrogate(left[i]) != char.IsSurrogate(right[i]))
                return char.IsSurrogate(left[i]) ? 1 : -1;
            return left[i].CompareTo(right[i]);
        }

        return left.Length.CompareTo(right.Length);
    }
}
