using System.Numerics.Tensors;
using BiMamba.Formats.Gguf;
using BiMamba.Kernels;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Export.Gguf;

/// <summary>What a weight loses by its encoding: the relative error of all its elements together, ||stored - exact|| / ||exact||.</summary>
/// <param name="Tensor">The name in the file.</param>
/// <param name="RelativeError">The error, 0 where every element is held exactly; infinite where a number is beyond the type.</param>
public sealed record WeightLoss(string Tensor, double RelativeError)
{
    /// <summary>The largest element of the first block that has no finite form in the file; null where there is none.</summary>
    internal (string Coordinates, float Exact)? Beyond { get; private init; }

    /// <summary>Elements of a piece; a multiple of every block.</summary>
    private const int Piece = 1 << 16;

    /// <summary>Encodes and decodes a weight and compares it.</summary>
    internal static WeightLoss Measure(PlannedTensor tensor, CancellationToken cancellation)
    {
        var (stored, exact) = (tensor.Stored, tensor.Exact!);
        var count = stored.Source.Shape.Count;
        var length = (int)Math.Min(Piece, count);
        var (source, wanted, bytes) = (new float[length], new float[length], new byte[stored.Type.BytesOf(length)]);
        double error = 0, size = 0;
        for (long first = 0; first < count; first += length)
        {
            cancellation.ThrowIfCancellationRequested();
            var piece = (int)Math.Min(length, count - first);
            stored.Source.ReadSingles(first, source.AsSpan(0, piece));
            exact.ReadSingles(first, wanted.AsSpan(0, piece));
            stored.Type.Encode(source.AsSpan(0, piece), bytes);
            Decode(stored.Type, bytes, source.AsSpan(0, piece));
            if (NotFinite.IndexOf(source.AsSpan(0, piece)) is >= 0 and var broken)
            {
                // The scale of a block follows from its largest element.
                var block = broken / stored.Type.BlockElements * stored.Type.BlockElements;
                var beyond = block + TensorPrimitives.IndexOfMaxMagnitude<float>(wanted.AsSpan(block, stored.Type.BlockElements));
                return new WeightLoss(stored.Name, double.PositiveInfinity) { Beyond = (FiniteWeights.Coordinates(first + beyond, exact.Shape), wanted[beyond]) };
            }

            for (var i = 0; i < piece; i++)
            {
                var off = (double)source[i] - wanted[i];
                error += off * off;
                size += (double)wanted[i] * wanted[i];
            }
        }

        return new WeightLoss(stored.Name, error == 0 ? 0 : Math.Sqrt(error / size));
    }

    private static void Decode(GgmlType type, ReadOnlySpan<byte> bytes, Span<float> elements)
    {
        var layout = GgmlLayout.Find(type.Number)!;
        if (layout.Decode is { } decode)
            decode(bytes, elements);
        else
            TensorReading.ConvertToSingle(layout.Plain!.Value, bytes[..(int)type.BytesOf(elements.Length)], elements);
    }
}
