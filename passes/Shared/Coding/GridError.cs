using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using BiMamba.Kernels;

namespace BiMamba.Passes.Shared.Coding;

/// <summary>The sum of |error|^2.4 that a grid leaves, by which ranges are compared.</summary>
/// <remarks>
/// e^2.4 is e^2 times the square of the fifth root, which three steps of Newton's method find: only the four operations
/// and the bits of a float are used, so every machine gets the same sum. Eight sums run side by side in fp32.
/// </remarks>
internal static class GridError
{
    // 4/5 of the bits of 1, less the half of the curve that the bits of a float are: a guess within 4 %.
    private const int RootBits = 0x32C9_0000;

    /// <summary>The sum over all elements.</summary>
    public static double Sum(Rows weights, MinMaxGrid grid)
    {
        var sum = 0.0;
        for (var row = 0; row < weights.Count; row++)
            sum += Sum(weights[row], grid);
        return sum;
    }

    private static double Sum(ReadOnlySpan<float> weights, MinMaxGrid grid)
    {
        var sums = Vector256<float>.Zero;
        var i = 0;
        for (; i <= weights.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            sums += Powers(Vector256.Create(weights.Slice(i, Vector256<float>.Count)), grid);
        if (i < weights.Length)
        {
            // Zeros have the level of the code zero, and so no error.
            Span<float> last = stackalloc float[Vector256<float>.Count];
            last.Clear();
            weights[i..].CopyTo(last);
            sums += Powers(Vector256.Create<float>(last), grid);
        }

        var sum = 0.0;
        for (var lane = 0; lane < Vector256<float>.Count; lane++)
            sum += sums.GetElement(lane);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Powers(Vector256<float> weights, MinMaxGrid grid)
    {
        var zero = Vector256.Create(grid.Zero);
        var quotient = Vector256.Round(weights / Vector256.Create(grid.Scale)) + zero;
        var level = Vector256.Max(Vector256<float>.Zero, Vector256.Min(quotient, Vector256.Create(grid.MaxCode)));
        var error = Vector256.Abs((Vector256.Create(grid.Scale) * (level - zero)) - weights);
        var root = FifthRoot(error);
        return error * error * (root * root);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> FifthRoot(Vector256<float> x)
    {
        // A fifth of the bits, by way of fp32: the guess needs no more.
        var fifth = Vector256.ConvertToInt32(Vector256.ConvertToSingle(x.AsInt32()) * Vector256.Create(0.2f));
        var root = (fifth + Vector256.Create(RootBits)).AsSingle();
        for (var step = 0; step < 3; step++)
        {
            var square = root * root;
            root = (Vector256.Create(0.8f) * root) + (Vector256.Create(0.2f) * x / (square * square));
        }

        return root;
    }
}
