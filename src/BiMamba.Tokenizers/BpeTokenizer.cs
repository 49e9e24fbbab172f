using System.Collections.Concurrent;
using BiMamba.Tokenizers.AddedTokens;
using BiMamba.Tokenizers.Models;

namespace BiMamba.Tokenizers;

/// <summary>A byte-pair-encoding tokenizer read from a tokenizer.json. <see cref="TokenizerJson"/> makes it.</summary>
public sealed class BpeTokenizer : Tokenizer
{
    /// <summary><see cref="Tokenizer.Kind"/> where symbols are bytes, as in GPT-2 and GPT-NeoX.</summary>
    public const string ByteLevelKind = "byte-level-bpe";

    /// <summary><see cref="Tokenizer.Kind"/> where symbols are characters with bytes to fall back on, as in LLaMA.</summary>
    public const string SentencePieceKind = "sentencepiece-bpe";

    private static readonly string[] EndOfTextNames =
        ["<|endoftext|>", "</s>", "<|end_of_text|>", "<eos>", "<|eos|>"];

    private readonly BpeParts parts;
    private readonly HashSet<int> special;
    private readonly ConcurrentBag<EncodeScratch> pool = [];

    internal BpeTokenizer(string kind, ReadOnlyMemory<byte> source, BpeParts parts)
        : base(kind, source)
    {
        this.parts = parts;
        AddedTokens = [.. parts.AddedTokens.OrderBy(t => t.Id)];
        special = [.. AddedTokens.Where(t => t.Special).Select(t => t.Id)];
        EndOfTextId = EndOfTextNames
            .Select(name => AddedTokens.FirstOrDefault(t => t.Special && t.Content == name)?.Id)
            .FirstOrDefault(id => id is not null);
    }

    /// <inheritdoc/>
    public override int VocabularySize => parts.Tokens.Count;

    /// <inheritdoc/>
    public override int? EndOfTextId { get; }

    /// <inheritdoc/>
    public override int? BeginOfTextId => parts.Before is [var id] ? id : null;

    /// <inheritdoc/>
    public override IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <inheritdoc/>
    internal override int LeadingSpaces => parts.LeadingSpaces;

    /// <inheritdoc/>
    public override bool HasToken(int id) => parts.Tokens.Has(id);

    /// <inheritdoc/>
    public override bool IsSpecial(int id) => special.Contains(id);

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> TokenBytes(int id) => parts.Tokens[id];

    /// <inheritdoc/>
    public override int[] EncodeLong(ReadOnlySpan<byte> utf8, bool addSpecialTokens, CancellationToken cancellation)
    {
        // A scratch belongs to one running call, so that concurrent calls share nothing that changes.
        if (!pool.TryTake(out var scratch))
            scratch = new EncodeScratch(parts.Model.Merges);
        if (addSpecialTokens)
            scratch.Ids.AddRange(parts.Before);
        EncodeText(utf8, scratch, cancellation);
        if (addSpecialTokens)
            scratch.Ids.AddRange(parts.After);
        var ids = scratch.Ids.From(0).ToArray();
        scratch.Reset();
        pool.Add(scratch);
        return ids;
    }

    private void EncodeText(ReadOnlySpan<byte> text, EncodeScratch scratch, CancellationToken cancellation)
    {
        var (done, from) = (0, 0);
        while (parts.RawTokens.TryFind(text, from, done, out var match))
        {
            if (done < match.Start)
                EncodePiece(text[done..match.Start], scratch, cancellation);
            scratch.Ids.Add(match.Id);
            (done, from) = (match.Stop, match.Resume);
        }

        if (done < text.Length)
            EncodePiece(text[done..], scratch, cancellation);
    }

    private void EncodePiece(ReadOnlySpan<byte> piece, EncodeScratch scratch, CancellationToken cancellation)
    {
        var text = parts.Normalizers.Apply(piece, scratch);
        var (done, from) = (0, 0);
        while (parts.NormalizedTokens.TryFind(text, from, done, out var match))
        {
            if (done < match.Start)
                EncodeWords(text[done..match.Start], scratch, cancellation);
            scratch.Ids.Add(match.Id);
            (done, from) = (match.Stop, match.Resume);
        }

        if (done < text.Length)
            EncodeWords(text[done..], scratch, cancellation);
    }

    private void EncodeWords(ReadOnlySpan<byte> text, EncodeScratch scratch, CancellationToken cancellation)
    {
        if (parts.PreTokenizer.WantsSpaceBefore(text))
            text = (byte[])[(byte)' ', .. text];
        while (!text.IsEmpty)
        {
            cancellation.ThrowIfCancellationRequested();
            var length = parts.PreTokenizer.NextWord(text);
            parts.Model.Encode(text[..length], scratch);
            text = text[length..];
        }
    }
}
