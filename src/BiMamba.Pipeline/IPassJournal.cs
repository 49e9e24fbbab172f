using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.IR;

namespace BiMamba.Pipeline;

/// <summary>What a pass made of one block, and what it said of it.</summary>
/// <param name="Block">The block after the pass.</param>
/// <param name="Resources">The resources that the pass made for it, with their weights.</param>
/// <param name="Measurements">What was measured on it, in order.</param>
/// <param name="Diagnostics">Warnings and notes, in order.</param>
public sealed record FinishedBlock(Block Block, ImmutableArray<Resource> Resources, ImmutableArray<PassMeasurement> Measurements, ImmutableArray<Diagnostic> Diagnostics);

/// <summary>
/// Keeps what takes long, so that a run that was ended goes on where it was. Passes know no files; whoever runs them
/// gives it. What it gives back was made by the same pipeline from the same inputs.
/// </summary>
public interface IPassJournal
{
    /// <summary>A block that an earlier run has finished, checked against the module; null where there is none to be used.</summary>
    /// <param name="stage">Index of the stage.</param>
    /// <param name="block">Index of the block.</param>
    /// <param name="module">The module before the block is rewritten, at the level of the result.</param>
    FinishedBlock? Take(int stage, int block, Module module);

    /// <summary>Where the samples of an earlier run stood last, if it is before one of these blocks; null otherwise.</summary>
    /// <param name="stage">Index of the stage.</param>
    /// <param name="first">The first block that is of use.</param>
    /// <param name="last">The last block that is of use.</param>
    CalibrationState? TakeState(int stage, int first, int last);

    /// <summary>Tells how many blocks were taken, before the others are worked on.</summary>
    /// <param name="pass">Name of the pass.</param>
    /// <param name="taken">Blocks that were taken.</param>
    /// <param name="blocks">Blocks that the pass rewrites.</param>
    void Tell(string pass, int taken, int blocks);

    /// <summary>Keeps a block that is finished.</summary>
    void Finish(int stage, int block, FinishedBlock finished);

    /// <summary>Keeps where the samples stand, in place of where they stood.</summary>
    void Keep(int stage, CalibrationState state);
}
