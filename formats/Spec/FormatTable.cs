using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Text;

namespace BiMamba.Formats.Spec;

/// <summary>One file format that a spec describes.</summary>
public sealed class FormatRow
{
    private readonly Lazy<SpecFormat> parsed;

    internal FormatRow(string name, string summary)
    {
        Name = name;
        Summary = summary;
        parsed = new Lazy<SpecFormat>(Parse);
    }

    /// <summary>The name, which is the file extension without its dot too.</summary>
    public string Name { get; }

    /// <summary>What files of the format hold, in one sentence.</summary>
    public string Summary { get; }

    /// <summary>The file extension, with its dot.</summary>
    public string Extension => "." + Name;

    /// <summary>File name of the spec.</summary>
    public string SpecName => Name + ".spec";

    /// <summary>The parsed spec.</summary>
    public SpecFormat Spec => parsed.Value;

    /// <summary>The text of the spec.</summary>
    public string SpecText
    {
        get
        {
            using var stream = typeof(FormatRow).Assembly.GetManifestResourceStream(SpecName)
                ?? throw new InvalidOperationException($"{SpecName} is not embedded");
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }

    private SpecFormat Parse()
    {
        var diagnostics = new DiagnosticBag();
        return SpecParser.Parse(new SourceText(SpecName, SpecText), diagnostics)
            ?? throw new InvalidOperationException(string.Join('\n', diagnostics.Items));
    }
}

/// <summary>The table of the formats that a spec describes.</summary>
public static class FormatTable
{
    /// <summary><c>.bimb</c> files.</summary>
    public static FormatRow Bimb { get; } = new("bimb", "a converted model: module, recipe, tokenizer and packed tensors");

    /// <summary><c>.safetensors</c> files.</summary>
    public static FormatRow Safetensors { get; } = new("safetensors", "tensors of a checkpoint behind a JSON header");

    /// <summary><c>.gguf</c> files.</summary>
    public static FormatRow Gguf { get; } = new("gguf", "tensors of a ggml model behind typed metadata");

    /// <summary>All rows.</summary>
    public static ImmutableArray<FormatRow> All { get; } = [Bimb, Safetensors, Gguf];

    /// <summary>The row of a name, or null.</summary>
    public static FormatRow? Find(string name) => All.FirstOrDefault(row => row.Name == name);

    /// <summary>
    /// The format of a file, or null: by its signature; where a format has none, by a structure without errors; at last
    /// by the extension of the file's name.
    /// </summary>
    public static FormatRow? Recognize(SpecSource source) =>
        All.FirstOrDefault(row => HasSignature(row.Spec, source))
        ?? All.FirstOrDefault(row => row.Spec.Signature is null && HasStructure(row.Spec, source))
        ?? All.FirstOrDefault(row => Path.GetExtension(source.Name).Equals(row.Extension, StringComparison.OrdinalIgnoreCase));

    private static bool HasSignature(SpecFormat format, SpecSource source) =>
        format.Signature is { } signature && source.Length >= signature.Length
        && source.Span(0, signature.Length).SequenceEqual(System.Text.Encoding.ASCII.GetBytes(signature));

    private static bool HasStructure(SpecFormat format, SpecSource source)
    {
        var diagnostics = new DiagnosticBag();
        SpecReader.Read(format, source, diagnostics);
        return !diagnostics.HasErrors;
    }
}
