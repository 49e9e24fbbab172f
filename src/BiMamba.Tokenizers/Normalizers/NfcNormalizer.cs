using System.Buffers;
using System.Text;
using BiMamba.Tokenizers.Unicode;

namespace BiMamba.Tokenizers.Normalizers;

/// <summary>Canonical composition (Unicode Standard Annex 15, form C).</summary>
internal sealed class NfcNormalizer : Normalizer
{
    private readonly CanonicalData data = CanonicalData.Instance;

    /// <inheritdoc/>
    public override bool MayChange(ReadOnlySpan<byte> utf8)
    {
        // Characters below U+0300 neither change nor join with one before; their lead bytes are below 0xCC.
        var at = utf8.IndexOfAnyInRange((byte)0xCC, (byte)0xFF);
        return at >= 0 && FirstUnstable(utf8, at) < utf8.Length;
    }

    /// <inheritdoc/>
    public override void Normalize(ReadOnlySpan<byte> utf8, ArrayBufferWriter<byte> output)
    {
        var stretch = new List<int>();
        var done = 0;
        while (done < utf8.Length)
        {
            var unstable = FirstUnstable(utf8, done);
            if (unstable == utf8.Length)
                break;

            // The character before an unstable one may join with it.
            var start = unstable;
            if (unstable > done && Rune.DecodeLastFromUtf8(utf8[done..unstable], out _, out var before) == OperationStatus.Done)
                start -= before;
            output.Write(utf8[done..start]);
            done = ReadStretch(utf8, start, stretch);
            Compose(Order(stretch), output);
        }

        output.Write(utf8[done..]);
    }

    /// <summary>Position of the first character that may change or join with the one before, or the length.</summary>
    private int FirstUnstable(ReadOnlySpan<byte> utf8, int from)
    {
        while (from < utf8.Length)
        {
            if (utf8[from] < 0xCC)
            {
                from++;
                continue;
            }

            if (Rune.DecodeFromUtf8(utf8[from..], out var rune, out var length) == OperationStatus.Done && data.MayChange(rune.Value))
                return from;
            from += length;
        }

        return from;
    }

    /// <summary>Decomposes one character and all unstable ones after it.</summary>
    /// <returns>The position after the stretch.</returns>
    private int ReadStretch(ReadOnlySpan<byte> utf8, int start, List<int> stretch)
    {
        stretch.Clear();
        var position = start;
        while (position < utf8.Length
            && Rune.DecodeFromUtf8(utf8[position..], out var rune, out var length) == OperationStatus.Done
            && (position == start || data.MayChange(rune.Value)))
        {
            Decompose(rune.Value, stretch);
            position += length;
        }

        return position;
    }

    private void Decompose(int codePoint, List<int> output)
    {
        if (Hangul.IsSyllable(codePoint))
        {
            var (leading, vowel, trailing) = Hangul.Decompose(codePoint);
            output.Add(leading);
            output.Add(vowel);
            if (trailing >= 0)
                output.Add(trailing);
        }
        else if (data.TryDecompose(codePoint, out var parts))
        {
            // The tables nest at most four deep, and only on the first part.
            Decompose(parts.First, output);
            if (parts.Second >= 0)
                Decompose(parts.Second, output);
        }
        else
        {
            output.Add(codePoint);
        }
    }

    /// <summary>Sorts each run of combining characters by class, keeping the order within a class.</summary>
    private int[] Order(List<int> stretch)
    {
        var ordered = stretch.ToArray();
        var keys = new ulong[ordered.Length];
        for (var i = 0; i < ordered.Length; i++)
            keys[i] = (ulong)data.CombiningClass(ordered[i]) << 32 | (uint)i;
        for (var start = 0; start < ordered.Length;)
        {
            var end = start + 1;
            if (keys[start] >> 32 != 0)
            {
                while (end < ordered.Length && keys[end] >> 32 != 0)
                    end++;
                Array.Sort(keys, ordered, start, end - start);
            }

            start = end;
        }

        return ordered;
    }

    private void Compose(int[] text, ArrayBufferWriter<byte> output)
    {
        var (kept, starter, lastClass) = (0, -1, 0);
        foreach (var codePoint in text)
        {
            var combining = data.CombiningClass(codePoint);
            var blocked = starter >= 0 && kept - starter > 1 && lastClass >= combining;
            if (starter >= 0 && !blocked && TryCompose(text[starter], codePoint, out var composite))
            {
                text[starter] = composite;
                continue;
            }

            if (combining == 0)
                starter = kept;
            lastClass = combining;
            text[kept++] = codePoint;
        }

        foreach (var codePoint in text.AsSpan(0, kept))
            output.Advance(new Rune(codePoint).EncodeToUtf8(output.GetSpan(4)));
    }

    private bool TryCompose(int first, int second, out int composite) =>
        Hangul.TryCompose(first, second, out composite) || data.TryCompose(first, second, out composite);
}
