using BiMamba.Evaluation;
using BiMamba.Runtime;

namespace BiMamba.Toolchain;

/// <summary>How a text is evaluated. The defaults are those of <c>bimambac eval</c>.</summary>
public sealed record EvaluateOptions
{
    /// <summary>How windows are cut and scored: <see cref="Protocol.Gptq"/> unless said otherwise. One that needs a reference is refused.</summary>
    public Protocol Protocol { get; init; } = Protocol.Gptq;

    /// <summary>How the rows of the file become one text: as they are unless said otherwise.</summary>
    public JoinRule Join { get; init; } = JoinRule.None;

    /// <summary>Id from which lm-eval predicts the first token of a document; null, the default, for the tokenizer's begin or end of text.</summary>
    public int? PrefixToken { get; init; }

    /// <summary>Tokens of a window, at least 2; null, the default, for those of the protocol.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 2.</exception>
    public int? Context { get; init => field = Limits.InRange(value, 2, int.MaxValue); }

    /// <summary>Windows from the beginning of the text, at least 1; null, the default, for all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? MaxWindows { get; init => field = Limits.InRange(value, 1, int.MaxValue); }

    /// <summary>Windows from 1 to 1024 that run side by side, on which no result depends; null, the default, for up to 8 whose states stay under 256 MiB together.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 1 to 1024.</exception>
    public int? Batch { get; init => field = Limits.InRange(value, 1, Limits.MaxBatch); }

    /// <summary>The kernels: the fast ones unless said otherwise.</summary>
    public Engine Engine { get; init; } = Engine.Fast;

    /// <summary>Element type of the states of scans: fp32 unless said otherwise.</summary>
    public StateType State { get; init; } = StateType.F32;

    /// <summary>Threads from 1 to 1024, on which no result depends; null, the default, for all cores.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 1 to 1024.</exception>
    public int? Threads { get; init => field = Limits.InRange(value, 1, Limits.MaxThreads); }

    /// <summary>What the runtime needs.</summary>
    internal RuntimeOptions Runtime => new(Limits.Threads(Threads), Engine: Engine, StateType: State);
}
