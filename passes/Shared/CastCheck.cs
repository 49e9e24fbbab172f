using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Passes.Shared;

/// <summary>What rounding a tensor to another type does to its numbers.</summary>
/// <param name="Unfit">Index of the first element that is not a finite number there; -1 where there is none.</param>
/// <param name="Value">That element before rounding.</param>
/// <param name="LargestError">Largest distance of a number from what it is rounded to, relative to the number.</param>
public sealed record CastCheck(long Unfit, float Value, double LargestError)
{
    private const int ChunkElements = 1 << 16;

    /// <summary>Reads a tensor once, in pieces.</summary>
    public static CastCheck Of(Tensor tensor, ElementType type, CancellationToken cancellation)
    {
        var (values, rounded) = (new float[ChunkElements], new float[ChunkElements]);
        double largest = 0;
        for (long first = 0; first < tensor.Shape.Count; first += ChunkElements)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = (int)Math.Min(ChunkElements, tensor.Shape.Count - first);
            tensor.ReadSingles(first, values.AsSpan(0, count));
            CastTensor.RoundTrip(type, values.AsSpan(0, count), rounded.AsSpan(0, count));
            for (var i = 0; i < count; i++)
            {
                if (!float.IsFinite(rounded[i]))
                    return new CastCheck(first + i, values[i], largest);
                if (values[i] != rounded[i])
                    largest = Math.Max(largest, Math.Abs(((double)rounded[i] - values[i]) / values[i]));
            }
        }

        return new CastCheck(-1, 0, largest);
    }
}
