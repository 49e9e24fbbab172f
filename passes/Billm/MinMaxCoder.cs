using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Billm;

/// <summary>
/// The methods <c>2bit</c> and <c>4bit</c> of the published code, which round a row of a block between its extremes and
/// zero, in fp32. Their regions are found and not used. A reference: the result has no form but its values.
/// </summary>
internal sealed class MinMaxCoder(int bits) : IBlockCoder
{
    /// <inheritdoc/>
    public void Code(int row, int block, BlockPartition partition, ReadOnlySpan<float> values, BraqWeight weight, Span<float> quantized)
    {
        float maximalCode = (1 << bits) - 1;
        var (low, high) = (0f, 0f);
        foreach (var value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low == 0 && high == 0)
            (low, high) = (-1, 1);
        var scale = (high - low) / maximalCode;
        var zero = MathF.Round(-low / scale, MidpointRounding.ToEven);
        for (var j = 0; j < values.Length; j++)
        {
            var code = Math.Clamp(MathF.Round(values[j] / scale, MidpointRounding.ToEven) + zero, 0, maximalCode);
            quantized[j] = scale * (code - zero);
        }
    }
}
