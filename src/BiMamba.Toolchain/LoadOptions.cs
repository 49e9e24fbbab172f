using BiMamba.Frontend;
using Microsoft.Extensions.Logging;

namespace BiMamba.Toolchain;

/// <summary>How a model is read, and where it tells what it notices. The defaults are those of the command line.</summary>
public sealed record LoadOptions
{
    /// <summary>An FBI-Linear computes with its scale and shift as they are stored.</summary>
    public const string Latent = "latent";

    /// <summary>An FBI-Linear computes with the fp16 levels of the official evaluation.</summary>
    public const string OfficialFp16 = "official-fp16";

    /// <summary>Configuration of a checkpoint, instead of the one beside it.</summary>
    public string? ConfigPath { get; init; }

    /// <summary>tokenizer.json, or the word <c>bytes</c>, instead of the model's own tokenizer.</summary>
    public string? TokenizerPath { get; init; }

    /// <summary>Columns that the gated norm of Mamba-2 takes together, at least 1, instead of those of the layout.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? NormGroupSize { get; init => field = Limits.InRange(value, 1, int.MaxValue); }

    /// <summary>
    /// What a Bi-Mamba checkpoint's weights are: <see cref="Latent"/> or <see cref="OfficialFp16"/>. Null is
    /// <see cref="Latent"/>, and lets a pipeline say otherwise.
    /// </summary>
    /// <exception cref="ArgumentException">The value is another word.</exception>
    public string? Fidelity { get; init => field = Limits.OneOf(value, [Latent, OfficialFp16]); }

    /// <summary>
    /// Receives notes as information, warnings as warnings, and how long the steps of a conversion took for debugging, of
    /// everything that is done with the model; null for none. Errors are returned or thrown, and not logged.
    /// </summary>
    public ILogger? Logger { get; init; }

    /// <summary>What the importer needs.</summary>
    internal ImportOptions Import => new(NormGroupSize, Fidelity ?? Latent, ConfigPath, TokenizerPath);
}
