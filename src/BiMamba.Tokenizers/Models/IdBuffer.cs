namespace BiMamba.Tokenizers.Models;

/// <summary>A growing list of ids.</summary>
internal sealed class IdBuffer
{
    private int[] items = new int[256];

    /// <summary>How many ids there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many fit without growing.</summary>
    public int Capacity => items.Length;

    /// <summary>The ids from a position on; valid until the next addition.</summary>
    public ReadOnlySpan<int> From(int start) => items.AsSpan(start, Count - start);

    /// <summary>Adds one id.</summary>
    public void Add(int id)
    {
        if (Count == items.Length)
            Array.Resize(ref items, checked(items.Length * 2));
        items[Count++] = id;
    }

    /// <summary>Adds several ids.</summary>
    public void AddRange(ReadOnlySpan<int> ids)
    {
        if (ids.Length > items.Length - Count)
            Array.Resize(ref items, Math.Max(checked(Count + ids.Length), (int)Math.Min(Array.MaxLength, items.Length * 2L)));
        ids.CopyTo(items.AsSpan(Count));
        Count += ids.Length;
    }

    /// <summary>Empties the list and keeps its room.</summary>
    public void Clear() => Count = 0;
}
