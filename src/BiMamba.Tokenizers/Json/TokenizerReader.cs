using System.Globalization;
using System.Text;
using System.Text.Json;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tokenizers.AddedTokens;
using BiMamba.Tokenizers.Decoders;
using BiMamba.Tokenizers.Models;
using BiMamba.Tokenizers.Normalizers;
using BiMamba.Tokenizers.PreTokenizers;

namespace BiMamba.Tokenizers.Json;

/// <summary>Puts the components of a tokenizer.json together.</summary>
/// <param name="report">Where errors go.</param>
internal sealed class TokenizerReader(JsonReport report)
{
    private readonly Vocabulary vocabulary = new();

    /// <summary>Reads a checked JSON text.</summary>
    /// <returns>Null where an error was reported.</returns>
    public BpeTokenizer? Read(JsonElement root, ReadOnlyMemory<byte> source)
    {
        if (JsonFields.Open(root, "", report) is not { } fields)
            return null;
        fields.Expect("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
        NoteUnapplied(fields);
        var steps = NormalizerReader.Read(fields.Get("normalizer"), "normalizer", report);
        var splitter = PreTokenizerReader.Read(fields.Get("pre_tokenizer"), "pre_tokenizer", report);
        var byteLevel = splitter is not null;
        var settings = fields.Require("model", JsonValueKind.Object, "a BPE model") is { } modelElement
            ? BpeModelReader.Read(modelElement, "model", vocabulary, report)
            : null;
        AddedTokensReader.Read(fields.Get("added_tokens"), "added_tokens", vocabulary, report);
        var decoder = DecoderReader.Read(fields.Get("decoder"), "decoder", byteLevel, report);
        var (before, after) = PostProcessorReader.Read(fields.Get("post_processor"), "post_processor", vocabulary, report);
        if (settings is null || decoder is null || report.HasErrors)
            return null;
        var model = MakeModel(settings, byteLevel, steps);
        if (report.HasErrors)
            return null;
        var normalizers = new NormalizerChain(steps);
        var parts = new BpeParts
        {
            AddedTokens = vocabulary.Added,
            RawTokens = Matcher(t => !t.Normalized, content => content),
            Normalizers = normalizers,
            NormalizedTokens = Matcher(t => t.Normalized, normalizers.Apply),
            PreTokenizer = splitter as PreTokenizer ?? new WholePiece(CanCut(settings)),
            Model = model,
            Before = before,
            After = after,
            Tokens = new TokenTable(vocabulary.Decode(decoder)),
            LeadingSpaces = decoder.LeadingSpaces,
        };
        return new BpeTokenizer(byteLevel ? BpeTokenizer.ByteLevelKind : BpeTokenizer.SentencePieceKind, source, parts);
    }

    private void NoteUnapplied(JsonFields fields)
    {
        foreach (var name in (string[])["truncation", "padding"])
        {
            if (fields.Get(name) is not null)
                report.Add(TokenizerDiagnostics.NotApplied, name, $"{name} is stored in the file and is not applied: texts are encoded whole");
        }
    }

    private AddedTokenMatcher Matcher(Func<AddedToken, bool> wanted, Func<byte[], byte[]> change)
    {
        var tokens = new List<AddedToken>();
        var contents = new List<byte[]>();
        foreach (var token in vocabulary.Added.Where(wanted))
        {
            var content = change(Encoding.UTF8.GetBytes(token.Content));
            if (content.Length == 0)
                continue;
            tokens.Add(token);
            contents.Add(content);
        }

        return new AddedTokenMatcher(tokens, contents);
    }

    private bool CanCut(BpeSettings settings) =>
        !settings.IgnoreMerges && !settings.Merges.Any(m => WholePiece.Joins(vocabulary.NameOf(m.Made)!));

    private BpeModel MakeModel(BpeSettings settings, bool byteLevel, List<Normalizer> steps)
    {
        SymbolTable symbols = byteLevel ? MakeByteSymbols(settings, steps) : MakeCharacterSymbols(settings);
        WordTable? wholeWords = null;
        if (settings.IgnoreMerges)
        {
            wholeWords = new WordTable();
            foreach (var (token, id) in vocabulary.ModelIds)
            {
                if ((byteLevel ? ByteAlphabet.TryDecode(token) : Encoding.UTF8.GetBytes(token)) is { Length: > 0 } word)
                    wholeWords.Add(word, id);
            }
        }

        return new BpeModel(symbols, new MergeTable(settings.Merges), wholeWords);
    }

    private ByteSymbols MakeByteSymbols(BpeSettings settings, List<Normalizer> steps)
    {
        var ids = new int[256];
        Array.Fill(ids, -1);
        foreach (var (token, id) in vocabulary.ModelIds)
        {
            if (token.Length == 1 && ByteAlphabet.ByteOf(token[0]) is var b and >= 0)
                ids[b] = id;
        }

        var lacking = Enumerable.Range(0, 256).Where(b => ids[b] < 0).ToLookup(StrayByteNormalizer.IsStray);
        var count = lacking[false].Count();
        if (lacking[true].Any())
            steps.Add(new StrayByteNormalizer([.. lacking[true].Select(b => (byte)b)]));
        if (count > 0 && settings.ByteFallback)
            report.Unsupported("model.byte_fallback", $"expected false or a vocabulary with every byte of UTF-8, found true and {count} bytes without token");
        else if (count > 0)
            report.Add(TokenizerDiagnostics.IncompleteAlphabet, "model.vocab", $"expected a token for each byte that occurs in UTF-8, found none for {count}");
        return new ByteSymbols(ids, UnknownId(settings, needed: count > 0), settings.FuseUnknown);
    }

    private CharacterSymbols MakeCharacterSymbols(BpeSettings settings)
    {
        var characters = new Dictionary<Rune, int>();
        var bytes = new int[256];
        Array.Fill(bytes, -1);
        foreach (var (token, id) in vocabulary.ModelIds)
        {
            if (Rune.DecodeFromUtf16(token, out var rune, out var length) == System.Buffers.OperationStatus.Done && length == token.Length)
                characters.Add(rune, id);

            // The model looks up the upper-case form only.
            if (CharacterDecoder.ByteOf(token) is var b and >= 0 && token == string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>"))
                bytes[b] = id;
        }

        if (!settings.ByteFallback)
        {
            report.Unsupported("pre_tokenizer", "expected ByteLevel, or a model with byte_fallback, found neither: texts would lose characters");
        }
        else if (Array.IndexOf(bytes, -1) is var lacking and >= 0)
        {
            report.Add(TokenizerDiagnostics.UnknownToken, "model.byte_fallback", $"expected the tokens <0x00> to <0xFF> in model.vocab, found no <0x{lacking:X2}>");
        }

        return new CharacterSymbols(characters, bytes, UnknownId(settings, needed: false), settings.FuseUnknown);
    }

    private int UnknownId(BpeSettings settings, bool needed)
    {
        if (settings.Unknown is not { } name)
            return -1;
        if (vocabulary.ModelIds.TryGetValue(name, out var id))
            return id;
        if (needed)
            report.Add(TokenizerDiagnostics.UnknownToken, "model.unk_token", $"expected a token of model.vocab, found {JsonReport.Quote(name)}");
        return -1;
    }
}
