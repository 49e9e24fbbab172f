using BiMamba.Runtime;

namespace BiMamba.Toolchain;

/// <summary>How a prompt is continued. The defaults are those of <c>bimambac generate</c>.</summary>
public sealed record GenerateOptions
{
    /// <summary>Tokens to add at most, from 0; 128 unless said otherwise. The token that ends a text ends it sooner, and is not given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int MaxTokens { get; init => field = Limits.InRange(value, 0, int.MaxValue); } = 128;

    /// <summary>0, the default, takes the likeliest token; a larger value up to 100 draws from softmax(logits / temperature).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 0 to 100.</exception>
    public double Temperature { get; init => field = Limits.InRange(value, 0, Limits.MaxTemperature); }

    /// <summary>Draws among this many likeliest tokens only, at least 1; null, the default, draws among all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? TopK { get; init => field = Limits.InRange(value, 1, int.MaxValue); }

    /// <summary>Seed of the draws, from 0: one seed gives one text, with any number of threads.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Seed { get; init => field = Limits.InRange(value, 0, int.MaxValue); }

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
