using BiMamba.Toolchain.Recipes;

namespace BiMamba.Toolchain;

/// <summary>How a model is converted. The defaults are those of <c>bimambac convert</c>.</summary>
public sealed record ConvertOptions
{
    /// <summary>Passes to run, such as <c>fold-fbi | pack</c>, or a named pipeline, such as <c>@fbi</c>; null, the default, for the usual one of the model and <see cref="Method"/>.</summary>
    public string? Pipeline { get; init; }

    /// <summary>
    /// A usual pipeline by name: <c>fbi</c> folds and packs a Bi-Mamba checkpoint, <c>none</c> folds nothing, a post-training
    /// pass such as <c>rtn</c> or <c>gptq</c> makes a full-precision checkpoint low-bit. Null, the default, is <c>fbi</c> for
    /// Bi-Mamba checkpoints and stores others as they are.
    /// </summary>
    public string? Method { get; init; }

    /// <summary>Encoding of the embedding: <c>f16</c>, <c>q8</c> or <c>q4</c>; null, the default, for that of the checkpoint.</summary>
    /// <exception cref="ArgumentException">The value is another word.</exception>
    public string? Embedding { get; init => field = Limits.OneOf(value, ["f16", "q8", "q4"]); }

    /// <summary>Weights or segments that a post-training method leaves as they are, such as <c>in_proj[dt]</c>.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>Other options of a post-training method for weights or segments, such as <c>in_proj[B,C]:bits=8</c>.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>The published script whose faults a post-training method reproduces: <c>bimamba-release</c>; null, the default, for none.</summary>
    public string? Compat { get; init; }

    /// <summary>False to look at what reaches all linears of a block before the first of them is rewritten; true unless said otherwise.</summary>
    public bool TrueSequential { get; init; } = true;

    /// <summary>What calibrated passes look at; null, the default, for nothing.</summary>
    public CalibrationOptions? Calibration { get; init; }

    /// <summary>Compares the written file with its source; null, the default, to leave that out.</summary>
    public ValidationOptions? Validation { get; init; }

    /// <summary>True to find out what would be written and to write nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>True to go on with the journal that a calibrated conversion of the same input has left beside its output; the bytes are the same.</summary>
    public bool Resume { get; init; }

    /// <summary>True to replace a file that exists; one that is an input is never replaced.</summary>
    public bool Force { get; init; }

    /// <summary>Bytes of anonymous memory, beyond which the work is refused; null, the default, for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long? MaxMemory { get; init => field = Limits.InRange(value, 1, long.MaxValue); }

    /// <summary>Threads from 1 to 1024, on which no byte depends; null, the default, for all cores.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 1 to 1024.</exception>
    public int? Threads { get; init => field = Limits.InRange(value, 1, Limits.MaxThreads); }

    /// <summary>Stages of the pipeline that are run; null for all.</summary>
    internal int? StopAfter { get; init; }

    /// <summary>Names, lengths and hashes of the inputs where they are known; null to find them out.</summary>
    internal IReadOnlyList<SourceJson>? Sources { get; init; }
}
