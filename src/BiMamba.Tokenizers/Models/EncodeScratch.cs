using System.Buffers;

namespace BiMamba.Tokenizers.Models;

/// <summary>What one running encode needs for itself; reused from call to call.</summary>
internal sealed class EncodeScratch(MergeTable merges)
{
    /// <summary>Buffers beyond this many elements are not kept for the next call.</summary>
    private const int KeptCapacity = 1 << 20;

    private int[] symbols = new int[256];

    /// <summary>The ids so far.</summary>
    public IdBuffer Ids { get; private set; } = new();

    /// <summary>Words seen lately, by this and earlier calls.</summary>
    public WordCache Cache { get; } = new();

    /// <summary>Merges a word.</summary>
    public Merger Merger { get; } = new(merges);

    /// <summary>The text under normalization, and the result of the next step.</summary>
    public (ArrayBufferWriter<byte> Current, ArrayBufferWriter<byte> Next) Texts { get; private set; } = (new(), new());

    /// <summary>Room for the symbols of one word.</summary>
    public Span<int> Symbols(int count)
    {
        if (count > symbols.Length)
            symbols = new int[Math.Max(count, (int)Math.Min(Array.MaxLength, symbols.Length * 2L))];
        return symbols.AsSpan(0, count);
    }

    /// <summary>Exchanges the two texts.</summary>
    public void SwapTexts() => Texts = (Texts.Next, Texts.Current);

    /// <summary>Makes ready for the next call and lets large buffers go.</summary>
    public void Reset()
    {
        Ids.Clear();
        if (Ids.Capacity > KeptCapacity)
            Ids = new IdBuffer();
        if (symbols.Length > KeptCapacity)
            symbols = new int[256];
        if (Texts.Current.Capacity > KeptCapacity || Texts.Next.Capacity > KeptCapacity)
            Texts = (new(), new());
    }
}
