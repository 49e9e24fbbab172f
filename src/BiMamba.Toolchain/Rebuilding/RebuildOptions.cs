namespace BiMamba.Toolchain.Rebuilding;

/// <summary>Where the inputs of a recipe are, and what becomes of the result.</summary>
internal sealed record RebuildOptions
{
    /// <summary>The model that the file was made of; null where it is not given.</summary>
    public string? Source { get; init; }

    /// <summary>Configuration of the source, instead of the one beside it.</summary>
    public string? Config { get; init; }

    /// <summary>tokenizer.json, or the word <c>bytes</c>, instead of the source's own.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>The text that calibrated passes looked at; null where it is not given.</summary>
    public string? Calibration { get; init; }

    /// <summary>The file to write; null to write nothing.</summary>
    public string? Output { get; init; }

    /// <summary>True to compare the result with the file.</summary>
    public bool Check { get; init; }

    /// <summary>True to replace an output that exists.</summary>
    public bool Force { get; init; }

    /// <summary>Threads; null for all cores.</summary>
    public int? Threads { get; init; }
}
