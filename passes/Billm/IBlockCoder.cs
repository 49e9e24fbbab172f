using BiMamba.Passes.Shared.Coding;

namespace BiMamba.Passes.Billm;

/// <summary>What a row of a block becomes once its partition is known.</summary>
internal interface IBlockCoder
{
    /// <summary>Codes a row of a block. Rows are coded in any order and at the same time.</summary>
    /// <param name="row">The row.</param>
    /// <param name="block">The block's number.</param>
    /// <param name="partition">Its partition; the regions of the row stand in the weight.</param>
    /// <param name="values">The row's weights in the block.</param>
    /// <param name="weight">Receives signs, scales and means.</param>
    /// <param name="quantized">Receives what the weights become.</param>
    void Code(int row, int block, BlockPartition partition, ReadOnlySpan<float> values, BraqWeight weight, Span<float> quantized);
}
