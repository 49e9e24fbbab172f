using System.Collections.Immutable;
using BiMamba.Pipeline.Instruments;

namespace BiMamba.Pipeline;

/// <summary>How a run of the pass manager is watched and verified.</summary>
public sealed record PassRunOptions
{
    /// <summary>Watch the run, in order.</summary>
    public ImmutableArray<PassInstrument> Instruments { get; init; } = [];

    /// <summary>True to verify the module after every stage; false to verify the last one only, to see what a broken pass gives.</summary>
    public bool VerifyEach { get; init; } = true;
}
