using System.Buffers;
using System.Text.Json;

namespace BiMamba.Frontend.Gguf;

/// <summary>Writes the tokenizer.json of a vocabulary.</summary>
/// <param name="vocabulary">The vocabulary.</param>
/// <param name="isPiece">True for the ids that the model makes of text, or that stand for what it cannot make.</param>
internal sealed class TokenizerText(GgufVocabulary vocabulary, Func<int, bool> isPiece)
{
    private const string Space = "\u2581";

    // What llama.cpp takes where a file names none.
    private const int DefaultUnknown = 0;
    private const int DefaultFirst = 1;
    private const int DefaultLast = 2;

    /// <summary>Byte-level BPE that splits text as GPT-2 does.</summary>
    public ReadOnlyMemory<byte> ByteLevel(IReadOnlyList<string> merges) => Write(writer =>
    {
        AddedTokens(writer);
        writer.WriteNull("normalizer");
        ByteLevel(writer, "pre_tokenizer");
        Template(writer, Wanted("add_bos_token", "bos_token_id", false, null), Wanted("add_eos_token", "eos_token_id", false, null));
        ByteLevel(writer, "decoder");
        Model(writer, null, isCharacters: false, () =>
        {
            foreach (var merge in merges)
                writer.WriteStringValue(merge);
        });
    });

    /// <summary>BPE over characters with bytes for those without token, as SentencePiece writes spaces.</summary>
    public ReadOnlyMemory<byte> SentencePiece(IReadOnlyList<(string Left, string Right)> merges) => Write(writer =>
    {
        var hasPrefix = vocabulary.Truth("add_space_prefix", true);
        AddedTokens(writer);
        Component(writer, "normalizer", "Sequence", () => List(writer, "normalizers", () =>
        {
            if (hasPrefix)
                Component(writer, null, "Prepend", () => writer.WriteString("prepend", Space));
            Replace(writer, " ", Space);
        }));
        writer.WriteNull("pre_tokenizer");
        Template(writer, Wanted("add_bos_token", "bos_token_id", true, DefaultFirst), Wanted("add_eos_token", "eos_token_id", false, DefaultLast));
        Component(writer, "decoder", "Sequence", () => List(writer, "decoders", () =>
        {
            Replace(writer, Space, " ");
            Component(writer, null, "ByteFallback", () => { });
            Component(writer, null, "Fuse", () => { });
            if (hasPrefix)
                Component(writer, null, "Strip", () => Strip(writer));
        }));
        Model(writer, vocabulary.Id("unknown_token_id", DefaultUnknown), isCharacters: true, () =>
        {
            foreach (var (left, right) in merges)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(left);
                writer.WriteStringValue(right);
                writer.WriteEndArray();
            }
        });
    });

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteNull("truncation");
            writer.WriteNull("padding");
            content(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private void AddedTokens(Utf8JsonWriter writer) => List(writer, "added_tokens", () =>
    {
        for (var id = 0; id < vocabulary.Tokens.Length; id++)
        {
            if (vocabulary.Types[id] is not (GgufTokenType.Control or GgufTokenType.UserDefined or GgufTokenType.Unknown) || vocabulary.Tokens[id].Length == 0)
                continue;
            writer.WriteStartObject();
            writer.WriteNumber("id", id);
            writer.WriteString("content", vocabulary.Tokens[id]);
            foreach (var name in (string[])["single_word", "lstrip", "rstrip", "normalized"])
                writer.WriteBoolean(name, false);
            writer.WriteBoolean("special", vocabulary.Types[id] != GgufTokenType.UserDefined);
            writer.WriteEndObject();
        }
    });

    private void Model(Utf8JsonWriter writer, int? unknown, bool isCharacters, Action merges)
    {
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        if (unknown is { } id)
            writer.WriteString("unk_token", vocabulary.Tokens[id]);
        writer.WriteBoolean("fuse_unk", isCharacters);
        writer.WriteBoolean("byte_fallback", isCharacters);
        writer.WriteStartObject("vocab");
        for (var token = 0; token < vocabulary.Tokens.Length; token++)
        {
            if (isPiece(token))
                writer.WriteNumber(vocabulary.Tokens[token], token);
        }

        writer.WriteEndObject();
        List(writer, "merges", merges);
        writer.WriteEndObject();
    }

    /// <summary>The id to put beside a text, or null where none is asked for.</summary>
    private int? Wanted(string flag, string key, bool flagDefault, int? idDefault) => vocabulary.Truth(flag, flagDefault) ? vocabulary.Id(key, idDefault) : null;

    private void Template(Utf8JsonWriter writer, int? first, int? last)
    {
        if (first is null && last is null)
        {
            writer.WriteNull("post_processor");
            return;
        }

        Component(writer, "post_processor", "TemplateProcessing", () =>
        {
            List(writer, "single", () =>
            {
                Special(writer, first);
                Piece(writer, "Sequence", "A");
                Special(writer, last);
            });
            writer.WriteStartObject("special_tokens");
            foreach (var id in new[] { first, last }.OfType<int>().Distinct())
            {
                writer.WriteStartObject(vocabulary.Tokens[id]);
                writer.WriteString("id", vocabulary.Tokens[id]);
                List(writer, "ids", () => writer.WriteNumberValue(id));
                List(writer, "tokens", () => writer.WriteStringValue(vocabulary.Tokens[id]));
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        });
    }

    private void Special(Utf8JsonWriter writer, int? id)
    {
        if (id is { } token)
            Piece(writer, "SpecialToken", vocabulary.Tokens[token]);
    }

    private static void Piece(Utf8JsonWriter writer, string kind, string id)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(kind);
        writer.WriteString("id", id);
        writer.WriteNumber("type_id", 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Strip(Utf8JsonWriter writer)
    {
        writer.WriteString("content", " ");
        writer.WriteNumber("start", 1);
        writer.WriteNumber("stop", 0);
    }

    private static void Replace(Utf8JsonWriter writer, string from, string to) => Component(writer, null, "Replace", () =>
    {
        writer.WriteStartObject("pattern");
        writer.WriteString("String", from);
        writer.WriteEndObject();
        writer.WriteString("content", to);
    });

    private static void ByteLevel(Utf8JsonWriter writer, string name) => Component(writer, name, "ByteLevel", () =>
    {
        writer.WriteBoolean("add_prefix_space", false);
        writer.WriteBoolean("trim_offsets", true);
        writer.WriteBoolean("use_regex", true);
    });

    private static void Component(Utf8JsonWriter writer, string? name, string type, Action content)
    {
        if (name is null)
            writer.WriteStartObject();
        else
            writer.WriteStartObject(name);
        writer.WriteString("type", type);
        content();
        writer.WriteEndObject();
    }

    private static void List(Utf8JsonWriter writer, string name, Action content)
    {
        writer.WriteStartArray(name);
        content();
        writer.WriteEndArray();
    }
}
