using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiMamba.Kernels;

/// <summary>
/// Root-mean-square normalisation, in groups: y = (x * (1 / sqrt(mean(x^2) + eps))) * weight, the mean over each group of
/// columns.
/// </summary>
/// <remarks>
/// Order: the sum of squares of a group in the 16-lane order of <see cref="Lanes"/>, counted from the group's first
/// column. Scaling is elementwise with 16 lanes a step and a scalar remainder.
/// </remarks>
public static class RmsNorm
{
    /// <summary>Normalises each row of x.</summary>
    /// <param name="x">[tokens, d].</param>
    /// <param name="weight">[d], or empty for 1.</param>
    /// <param name="epsilon">Added to the mean of squares.</param>
    /// <param name="groupSize">The columns of a group, a divisor of d; d itself for the whole row.</param>
    /// <param name="y">[tokens, d]; may be x.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Run(Rows x, ReadOnlySpan<float> weight, float epsilon, int groupSize, MutableRows y)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            RunScalar(x, weight, epsilon, groupSize, y);
            return;
        }

        Check(x, weight, groupSize, y);
        for (var t = 0; t < x.Count; t++)
        {
            for (var first = 0; first < x.Width; first += groupSize)
            {
                ref var source = ref MemoryMarshal.GetReference(x[t][first..]);
                var factor = Factor(Lanes.Dot(ref source, ref source, groupSize), epsilon, groupSize);
                Scale(ref source, factor, weight, first, ref MemoryMarshal.GetReference(y[t][first..]), groupSize);
            }
        }
    }

    /// <summary>The scalar form of <see cref="Run"/>, equal to it in every bit.</summary>
    public static void RunScalar(Rows x, ReadOnlySpan<float> weight, float epsilon, int groupSize, MutableRows y)
    {
        Check(x, weight, groupSize, y);
        for (var t = 0; t < x.Count; t++)
        {
            for (var first = 0; first < x.Width; first += groupSize)
            {
                var group = x[t].Slice(first, groupSize);
                var factor = Factor(Lanes.DotScalar(group, group), epsilon, groupSize);
                for (var i = 0; i < groupSize; i++)
                {
                    var scaled = group[i] * factor;
                    y[t][first + i] = weight.IsEmpty ? scaled : scaled * weight[first + i];
                }
            }
        }
    }

    /// <summary>Multiplies a group by its factor and by the weights from column <paramref name="first"/> on, if any.</summary>
    internal static void Scale(ref float x, float factor, ReadOnlySpan<float> weight, int first, ref float y, int count)
    {
        if (weight.IsEmpty)
            Scale(ref x, factor, ref y, count);
        else
            Scale(ref x, factor, ref MemoryMarshal.GetReference(weight[first..]), ref y, count);
    }

    /// <summary>What a group is multiplied by.</summary>
    internal static float Factor(float sumOfSquares, float epsilon, int groupSize) =>
        1f / MathF.Sqrt((sumOfSquares / groupSize) + epsilon);

    private static void Scale(ref float x, float factor, ref float y, int count)
    {
        var factors = Vector512.Create(factor);
        nint i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
            Lanes.Store(Lanes.Load(ref x, i) * factors, ref y, i);
        for (; i < count; i++)
            Unsafe.Add(ref y, i) = Unsafe.Add(ref x, i) * factor;
    }

    private static void Scale(ref float x, float factor, ref float weight, ref float y, int count)
    {
        var factors = Vector512.Create(factor);
        nint i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
            Lanes.Store(Lanes.Load(ref x, i) * factors * Lanes.Load(ref weight, i), ref y, i);
        for (; i < count; i++)
            Unsafe.Add(ref y, i) = Unsafe.Add(ref x, i) * factor * Unsafe.Add(ref weight, i);
    }

    internal static void Check(Rows x, ReadOnlySpan<float> weight, int groupSize, MutableRows y)
    {
        Guard.Equal(y.Count, x.Count);
        Guard.Equal(y.Width, x.Width);
        Guard.EmptyOr(weight.Length, x.Width);
        Guard.AtLeast(groupSize, 1);
        if (x.Width % groupSize != 0)
            throw new ArgumentException($"groups of {groupSize} do not divide {x.Width} columns", nameof(groupSize));
    }
}
