using BiMamba.IR;
using BiMamba.Pipeline;
using BiMamba.Runtime;

namespace BiMamba.Bisection;

/// <summary>What is bisected.</summary>
/// <param name="Module">The module before the first stage, with weights.</param>
/// <param name="Pipeline">The stages, in an order of levels that <see cref="PassManager.CheckLevels"/> accepts.</param>
/// <param name="Ids">Token ids that the modules are run on, no more than <see cref="MaxTokens(IR.Module)"/>.</param>
/// <param name="Tolerance">Largest absolute difference that a logit may have from that of the input module.</param>
/// <param name="Runtime">How modules are run.</param>
public sealed record BisectionRequest(Module Module, PassPipeline Pipeline, int[] Ids, double Tolerance, RuntimeOptions Runtime)
{
    /// <summary>
    /// The tolerance where none is asked for. Passes that only reorder sums move the logits of the trained models by
    /// less than half of it; a wrong weight moves them by more.
    /// </summary>
    public const double DefaultTolerance = 2e-4;

    /// <summary>Tokens of the sequence where no ids are given.</summary>
    public const int DefaultTokens = 32;

    /// <summary>
    /// Tokens that a bisection of a module takes at most: each value that it compares stands in one array, and where it
    /// becomes a weight of a small module in one array of bytes.
    /// </summary>
    /// <param name="module">The module before the first stage.</param>
    public static int MaxTokens(Module module)
    {
        var widest = module.Blocks.SelectMany(block => block.Body).SelectMany(op => op.Results).Select(value => value.Type).Where(type => type.IsFeatures).Max(type => type.Width);
        return (int)(Array.MaxLength / (widest * sizeof(float)));
    }

    /// <summary>The sequence where no ids are given: fixed, and spread over a vocabulary.</summary>
    /// <param name="vocabulary">Ids run from 0 to this.</param>
    public static int[] DefaultIds(int vocabulary)
    {
        var ids = new int[DefaultTokens];
        // A linear congruential generator: Knuth, The Art of Computer Programming, 3.2.1, multiplier and increment of Numerical Recipes.
        var state = 1u;
        for (var i = 0; i < ids.Length; i++)
        {
            state = unchecked((state * 1664525) + 1013904223);
            ids[i] = (int)((state >> 8) % (uint)vocabulary);
        }

        return ids;
    }
}
