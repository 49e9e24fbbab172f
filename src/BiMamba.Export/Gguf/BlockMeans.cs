using System.Buffers;
using System.Runtime.InteropServices;
using BiMamba.Tensors;

namespace BiMamba.Export.Gguf;

/// <summary>
/// A weight of signs and shifts as ternary blocks hold it best: each weight is its sign times the mean magnitude of its
/// block, and a weight whose sign is zero stays zero. Without shifts these are the weights themselves.
/// </summary>
/// <remarks>The scale with the smallest squared error under given signs is the mean of the magnitudes (arXiv 1603.05279).</remarks>
internal sealed class BlockMeans : Tensor
{
    private readonly Tensor signs;
    private readonly Tensor weights;
    private readonly int block;

    /// <summary>A view of a weight.</summary>
    /// <param name="signs">Its plane of signs as f32, [rows, columns].</param>
    /// <param name="weights">The weights, of the same shape.</param>
    /// <param name="block">Elements of a block; a row is a whole number of them.</param>
    public BlockMeans(Tensor signs, Tensor weights, int block)
        : base(ElementType.F32, weights.Shape)
    {
        this.signs = signs;
        this.weights = weights;
        this.block = block;
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        var blockBytes = block * sizeof(float);
        var first = offset / blockBytes;
        var count = checked((int)(((offset + destination.Length + blockBytes - 1) / blockBytes) - first)) * block;
        var memory = ArrayPool<float>.Shared.Rent(2 * count);
        var values = memory.AsSpan(0, count);
        var plane = memory.AsSpan(count, count);
        weights.ReadSingles(first * block, values);
        signs.ReadSingles(first * block, plane);
        for (var start = 0; start < count; start += block)
            Round(values.Slice(start, block), plane.Slice(start, block));
        MemoryMarshal.AsBytes(values).Slice((int)(offset - (first * blockBytes)), destination.Length).CopyTo(destination);
        ArrayPool<float>.Shared.Return(memory);
    }

    private static void Round(Span<float> values, ReadOnlySpan<float> plane)
    {
        var (sum, signed) = (0.0, 0);
        for (var i = 0; i < values.Length; i++)
        {
            sum += plane[i] == 0 ? 0 : Math.Abs(values[i]);
            signed += plane[i] == 0 ? 0 : 1;
        }

        var mean = signed == 0 ? 0 : (float)(sum / signed);
        for (var i = 0; i < values.Length; i++)
            values[i] = plane[i] == 0 ? 0 : MathF.CopySign(mean, values[i]);
    }
}
