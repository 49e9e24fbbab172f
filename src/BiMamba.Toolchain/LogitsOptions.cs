using BiMamba.Runtime;

namespace BiMamba.Toolchain;

/// <summary>How logits are computed. The defaults are those of <c>bimambac logits</c>.</summary>
public sealed record LogitsOptions
{
    /// <summary>The kernels: the reference ones unless said otherwise, whose numbers are compared with other implementations.</summary>
    public Engine Engine { get; init; } = Engine.Reference;

    /// <summary>True to run token by token with a carried state, as generation does; the bits are the same.</summary>
    public bool Stepwise { get; init; }

    /// <summary>Threads from 1 to 1024, on which no result depends; null, the default, for all cores.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 1 to 1024.</exception>
    public int? Threads { get; init => field = Limits.InRange(value, 1, Limits.MaxThreads); }

    /// <summary>What the runtime needs.</summary>
    internal RuntimeOptions Runtime => new(Limits.Threads(Threads), Engine: Engine);
}
