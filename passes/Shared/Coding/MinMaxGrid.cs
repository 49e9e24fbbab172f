using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using BiMamba.Kernels;

namespace BiMamba.Passes.Shared.Coding;

/// <summary>A uniform grid of levels scale * (code - zero), as the quantizer published with GPTQ chooses it (arXiv 2210.17323).</summary>
/// <remarks>
/// All arithmetic is fp32, because codes depend on it: with a symmetric grid the extreme of a row lies on a rounding tie,
/// and the last bit of the scale decides. Weights must be finite.
/// </remarks>
/// <param name="Scale">The distance of two levels.</param>
/// <param name="Zero">The code of the weight 0, a whole number of 0 to <paramref name="MaxCode"/>.</param>
/// <param name="MaxCode">The greatest code.</param>
public readonly record struct MinMaxGrid(float Scale, float Zero, float MaxCode)
{
    /// <summary>The code of the level nearest to a weight; ties go to the even quotient, and what lies outside is clipped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Code(float weight) => (byte)Level(weight);

    /// <summary>The level of a code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Value(byte code) => Scale * (code - Zero);

    /// <summary><see cref="Code"/> as fp32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal float Level(float weight) => MathF.Max(0f, MathF.Min(MathF.Round(weight / Scale) + Zero, MaxCode));

    /// <summary>The grid over all elements of some rows.</summary>
    /// <param name="weights">The rows; one row for a grid of its own.</param>
    /// <param name="settings">How the levels are chosen; <see cref="GridSettings.PerTensor"/> is not read.</param>
    public static MinMaxGrid Find(Rows weights, GridSettings settings)
    {
        var (min, max) = Range(weights, settings);
        var grid = Over(min, max, settings);
        return settings.Mse ? Shrink(weights, min, max, grid, settings) : grid;
    }

    /// <summary>The range, which always holds 0; a range of nothing but 0 becomes -1 to 1.</summary>
    private static (float Min, float Max) Range(Rows weights, GridSettings settings)
    {
        float min = 0, max = 0;
        for (var row = 0; row < weights.Count && weights.Width > 0; row++)
        {
            min = MathF.Min(min, TensorPrimitives.Min(weights[row]));
            max = MathF.Max(max, TensorPrimitives.Max(weights[row]));
        }

        if (settings.Symmetric)
        {
            max = MathF.Max(-min, max);

            if (min < 0 || settings.BothSides)
                min = -max;
        }

        return min == 0 && max == 0 ? (-1, 1) : (min, max);
    }

    private static MinMaxGrid Over(float min, float max, GridSettings settings)
    {
        float maxCode = settings.MaxCode;
        var scale = (max - min) / maxCode;

        // A range of subnormals can have no step: it is coded as zeros are.
        if (scale == 0)
            (min, scale) = (-1, 2 / maxCode);
        // A subnormal step has few digits: rounded down, its quotients can pass the greatest code.
        return new MinMaxGrid(scale, settings.Symmetric ? (maxCode + 1) / 2 : MathF.Min(maxCode, MathF.Round(-min / scale)), maxCode);
    }

    private static MinMaxGrid Shrink(Rows weights, float min, float max, MinMaxGrid whole, GridSettings settings)
    {
        const int Steps = 80;
        var best = whole;
        var least = double.PositiveInfinity;
        for (var step = 0; step < Steps; step++)
        {
            var part = (float)(1 - (step / 100.0));
            var grid = Over(part * min, part * max, settings);
            var error = GridError.Sum(weights, grid);
            if (error < least)
                (best, least) = (grid, error);
        }

        return best;
    }
}
