namespace BiMamba.Tokenizers.Models;

/// <summary>A byte-pair-encoding model: words to ids. Immutable.</summary>
/// <param name="symbols">Cuts a word into symbols.</param>
/// <param name="merges">The merges.</param>
/// <param name="wholeWords">Words that are tokens as they stand, whatever the merges say; null where merges always count.</param>
internal sealed class BpeModel(SymbolTable symbols, MergeTable merges, WordTable? wholeWords)
{
    /// <summary>The merges.</summary>
    public MergeTable Merges => merges;

    /// <summary>Appends the ids of one word.</summary>
    public void Encode(ReadOnlySpan<byte> word, EncodeScratch scratch)
    {
        if (word.Length > WordCache.MaxBytes)
        {
            EncodeUncached(word, scratch);
        }
        else if (!scratch.Cache.TryAppend(word, scratch.Ids, out var place))
        {
            var start = scratch.Ids.Count;
            EncodeUncached(word, scratch);
            scratch.Cache.Add(word, scratch.Ids.From(start), place);
        }
    }

    private void EncodeUncached(ReadOnlySpan<byte> word, EncodeScratch scratch)
    {
        if (wholeWords is not null && wholeWords.TryGet(word, out var whole))
        {
            scratch.Ids.Add(whole);
            return;
        }

        var room = scratch.Symbols(word.Length);
        var count = symbols.Fill(word, room);
        count = scratch.Merger.Merge(room[..count]);
        scratch.Ids.AddRange(room[..count]);
    }
}
