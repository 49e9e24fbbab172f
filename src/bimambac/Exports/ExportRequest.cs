using BiMamba.Formats.Gguf;

namespace BiMamba.CommandLine.Exports;

/// <summary>The words of the formats that models are exported to.</summary>
internal static class ExportFormats
{
    /// <summary>GGUF.</summary>
    public const string Gguf = "gguf";

    /// <summary>safetensors, in one of <see cref="Layouts"/>.</summary>
    public const string Safetensors = "safetensors";

    /// <summary>Dense weights as transformers reads them.</summary>
    public const string HuggingFace = "hugging-face";

    /// <summary>FBI-Linear as the official Bi-Mamba code reads it.</summary>
    public const string BiMamba = "bi-mamba";

    /// <summary>Planes of bits.</summary>
    public const string Packed = "packed";

    /// <summary>The layouts of safetensors.</summary>
    public static string[] Layouts => [HuggingFace, BiMamba, Packed];
}

/// <summary>What an export is asked for.</summary>
/// <param name="Target">The file or folder.</param>
/// <param name="Format"><see cref="ExportFormats.Gguf"/>, or a layout of safetensors.</param>
/// <param name="Linear">Type of the projections, or of all matrices in safetensors.</param>
/// <param name="Head">Type of embedding and head.</param>
/// <param name="Strict">True to write nothing that is not exact.</param>
/// <param name="Name">Name of the model, or null for its architecture.</param>
/// <param name="ShardBytes">Most bytes of tensors in one file of safetensors.</param>
/// <param name="Validate">A text to compare source and output on, or null.</param>
internal sealed record ExportRequest(string Target, string Format, GgmlType Linear, GgmlType Head, bool Strict, string? Name, long ShardBytes, string? Validate)
{
    /// <summary>True where one file is written, false for a folder.</summary>
    public bool IsFile => Format is ExportFormats.Gguf or ExportFormats.Packed;
}
