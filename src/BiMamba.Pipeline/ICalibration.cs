using BiMamba.IR;

namespace BiMamba.Pipeline;

/// <summary>Second moments of what reached a linear: the Hessian of its squared error (GPTQ, arXiv 2210.17323).</summary>
/// <param name="Hessian">[width, width] f32, symmetric: 2 / samples * sum over samples of X^T X.</param>
/// <param name="Tokens">Tokens that were seen.</param>
/// <param name="NotFinite">Sample, token and column of the first activation that is not a finite number, or null.</param>
public sealed record InputMoments(float[] Hessian, long Tokens, (int Sample, int Token, int Column)? NotFinite);

/// <summary>Samples on their way through a module.</summary>
/// <param name="Block">Index of the block that they stand before.</param>
/// <param name="Samples">The residual stream of each, [tokens, width]; ids, which stand before the first block, have none.</param>
public sealed record CalibrationState(int Block, IReadOnlyList<float[]> Samples);

/// <summary>Data that passes may run through a module. Passes know no runtime; whoever runs them gives it.</summary>
public interface ICalibration
{
    /// <summary>Sequences of tokens.</summary>
    int Samples { get; }

    /// <summary>A walk over the blocks of a module, from its first.</summary>
    ICalibrationRun Start(CancellationToken cancellation);
}

/// <summary>Carries all samples through a module, block by block, while passes rewrite it.</summary>
public interface ICalibrationRun
{
    /// <summary>Where the samples stand. Its arrays are written over by the next <see cref="Advance"/>.</summary>
    CalibrationState State { get; }

    /// <summary>What a value of the current block is like, over all samples; the run stays before the block.</summary>
    /// <param name="module">The module as it is now.</param>
    /// <param name="value">A value of the block.</param>
    InputMoments Capture(Module module, string value);

    /// <summary>Moves on behind the current block.</summary>
    /// <param name="module">The module as it is now.</param>
    /// <param name="value">The value that goes on to the next block, or null for the one that the block returns.</param>
    void Advance(Module module, string? value = null);

    /// <summary>Puts the samples where a walk over the same blocks stood; false where they do not fit, and nothing has changed then.</summary>
    /// <param name="module">The module as it is now.</param>
    /// <param name="state">Where that walk stood; the arrays are the run's from now on.</param>
    bool Jump(Module module, CalibrationState state);
}
