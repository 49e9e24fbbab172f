using System.Collections.Immutable;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Frontend.Gguf;

namespace BiMamba.Frontend;

/// <summary>One value of a configuration and the key that gave it.</summary>
internal readonly record struct Setting<T>(string Key, T Value);

/// <summary>Who wrote a configuration, told from its keys.</summary>
internal enum ConfigStyle
{
    /// <summary>No telling key.</summary>
    Unknown,

    /// <summary>config.json of state-spaces and of the official Bi-Mamba code.</summary>
    StateSpaces,

    /// <summary>config.json of Hugging Face transformers.</summary>
    HuggingFace,

    /// <summary>params.json of Codestral.</summary>
    Codestral,

    /// <summary>The metadata of a GGUF file.</summary>
    Gguf,
}

/// <summary>Typed access to the values of a configuration. Null counts as absent; a wrong type is an error that names the key.</summary>
internal sealed class ModelConfig(IReadOnlyDictionary<string, JsonElement> values, string file, DiagnosticBag diagnostics, GgufNames? gguf = null)
{
    private readonly HashSet<string> reported = new(StringComparer.Ordinal);

    /// <summary>The file that messages name.</summary>
    public string File => file;

    /// <summary>Who wrote it.</summary>
    public ConfigStyle Style { get; } =
        gguf is not null ? ConfigStyle.Gguf
        : values.ContainsKey("hidden_size") || values.ContainsKey("num_hidden_layers") ? ConfigStyle.HuggingFace
        : values.ContainsKey("dim") || values.ContainsKey("n_layers") ? ConfigStyle.Codestral
        : values.ContainsKey("d_model") || values.ContainsKey("n_layer") || values.ContainsKey("ssm_cfg") ? ConfigStyle.StateSpaces
        : values.ContainsKey(ConfigKeys.ModelType) ? ConfigStyle.HuggingFace
        : ConfigStyle.Unknown;

    /// <summary>The key of the epsilon of all norms, or null where the layout has a fixed one.</summary>
    public string? NormEpsKey => gguf is not null ? gguf.Architecture + GgufKeys.NormEps : Style == ConfigStyle.HuggingFace ? ConfigKeys.NormEps : null;

    /// <summary>True if a key has a value.</summary>
    public bool Has(string key) => values.TryGetValue(key, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Every spelling of an integer that is there; a word, such as <c>auto</c>, is skipped where it is allowed.</summary>
    public IEnumerable<Setting<long>> Integers(ImmutableArray<string> keys, long minimum = 1, string? skippedWord = null)
    {
        foreach (var key in keys.Where(Has))
        {
            if (skippedWord is not null && values[key].ValueKind == JsonValueKind.String && TryGetText(values[key], out var word) && word == skippedWord)
                continue;
            if (ReadInteger(values[key]) is { } value && value >= minimum)
                yield return new Setting<long>(key, value);
            else
                Wrong(key, $"an integer from {minimum} to {int.MaxValue}");
        }
    }

    /// <summary>The first spelling of an integer that is there, or null.</summary>
    public Setting<long>? Integer(ImmutableArray<string> keys, long minimum = 1) =>
        Integers(keys, minimum).Select(setting => (Setting<long>?)setting).FirstOrDefault();

    /// <summary>Every spelling of a truth value that is there.</summary>
    public IEnumerable<Setting<bool>> Truths(ImmutableArray<string> keys)
    {
        foreach (var key in keys.Where(Has))
        {
            if (values[key].ValueKind is JsonValueKind.True or JsonValueKind.False)
                yield return new Setting<bool>(key, values[key].GetBoolean());
            else
                Wrong(key, "true or false");
        }
    }

    /// <summary>A truth value, or null.</summary>
    public bool? Truth(params ImmutableArray<string> keys) =>
        Truths(keys).Select(setting => (bool?)setting.Value).FirstOrDefault();

    /// <summary>A string, or null.</summary>
    public string? Word(string key)
    {
        if (!Has(key))
            return null;
        if (values[key].ValueKind == JsonValueKind.String && TryGetText(values[key], out var text))
            return text;
        Wrong(key, "a string");
        return null;
    }

    /// <summary>A positive finite number, or the default.</summary>
    public double Epsilon(string key, double fallback)
    {
        if (!Has(key))
            return fallback;
        if (ReadNumber(values[key]) is { } value && value > 0 && double.IsFinite(value))
            return value;
        Wrong(key, "a positive finite number");
        return fallback;
    }

    /// <summary>A pair of bounds, lower first, or 0 and infinity.</summary>
    public (double Low, double High) Limits(ImmutableArray<string> keys)
    {
        var limits = (Low: 0.0, High: double.PositiveInfinity);
        foreach (var key in keys.Where(Has))
        {
            if (values[key].ValueKind == JsonValueKind.Array && values[key].GetArrayLength() == 2
                && ReadNumber(values[key][0]) is { } low && ReadNumber(values[key][1]) is { } high && low >= 0 && double.IsFinite(low) && high >= low)
                limits = (low, high);
            else
                Wrong(key, "two numbers, a finite lower bound of at least 0 and an upper bound of at least that");
        }

        return limits;
    }

    /// <summary>A list of non-negative integers, or an empty one.</summary>
    public ImmutableArray<long> List(ImmutableArray<string> keys)
    {
        foreach (var key in keys.Where(Has))
        {
            if (values[key].ValueKind == JsonValueKind.Array
                && values[key].EnumerateArray().Select(ReadInteger).ToArray() is var items && items.All(item => item >= 0))
                return [.. items.Select(item => item!.Value)];
            Wrong(key, "a list of non-negative integers");
        }

        return [];
    }

    /// <summary>Reports a key whose value should be an object and is not.</summary>
    public void ExpectObject(string key)
    {
        if (Has(key) && values[key].ValueKind != JsonValueKind.Object)
            Wrong(key, "an object");
    }

    /// <summary>Reports a value that a key cannot have, once.</summary>
    private void Wrong(string key, string expected)
    {
        if (reported.Add(key))
            diagnostics.Add(FrontendDiagnostics.ConfigValue, $"expected {expected}, found {Excerpt(values[key])}", new Place(file, Field: key));
    }

    private static string Excerpt(JsonElement value)
    {
        const int length = 60;
        var text = value.GetRawText().ReplaceLineEndings(" ");
        return Printable.Name(text.Length <= length ? text : text[..length] + "...");
    }

    private static long? ReadInteger(JsonElement value) => ReadNumber(value) switch
    {
        { } number when number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue => (long)number,
        _ => null,
    };

    // transformers 5 writes {"__float__": "Infinity"}, older versions the bare word, which arrives here as 1e999999.
    private static double? ReadNumber(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.Object when value.TryGetProperty("__float__", out var word) && word.ValueKind == JsonValueKind.String && TryGetText(word, out var text) => text switch
        {
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            "NaN" => double.NaN,
            _ => null,
        },
        _ => null,
    };

    private static bool TryGetText(JsonElement value, out string text)
    {
        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair.
            text = "";
            return false;
        }
    }
}
