using System.Buffers;
using System.Runtime.InteropServices;
using BiMamba.Tensors;

namespace BiMamba.Formats.Gguf.Decoding;

/// <summary>A tensor whose elements lie in blocks of a mapped file and are decoded when they are read. Its type is F32.</summary>
internal sealed class BlockTensor : Tensor
{
    private const int MaxBlockElements = 256;

    // Encoded bytes that are read at once.
    private const int PieceBytes = 1 << 16;

    private readonly FileMap map;
    private readonly long start;
    private readonly GgmlLayout layout;
    private readonly BlockDecoder decode;
    private readonly int blockBytes;

    /// <summary>A tensor at a byte offset of a map; the caller has checked that it lies inside and is a whole number of blocks.</summary>
    public BlockTensor(FileMap map, long start, GgmlLayout layout, Shape shape)
        : base(ElementType.F32, shape, [map])
    {
        this.map = map;
        this.start = start;
        this.layout = layout;
        decode = layout.Decode ?? throw new ArgumentException($"{layout.Name} is not decoded", nameof(layout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layout.BlockElements, MaxBlockElements, nameof(layout));
        blockBytes = layout.BlockElements * sizeof(float);
    }

    /// <inheritdoc/>
    public override long StoredLength => Shape.Count / layout.BlockElements * layout.BlockBytes;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        Span<float> one = stackalloc float[layout.BlockElements];
        var encoded = ArrayPool<byte>.Shared.Rent(PieceBytes);
        while (destination.Length > 0)
        {
            var (block, within) = Math.DivRem(offset, blockBytes);
            int taken;
            if (within == 0 && destination.Length >= blockBytes)
            {
                var blocks = Math.Min(destination.Length / blockBytes, PieceBytes / layout.BlockBytes);
                taken = blocks * blockBytes;
                decode(Encoded(block, blocks, encoded), MemoryMarshal.Cast<byte, float>(destination[..taken]));
            }
            else
            {
                decode(Encoded(block, 1, encoded), one);
                taken = (int)Math.Min(blockBytes - within, destination.Length);
                MemoryMarshal.AsBytes(one).Slice((int)within, taken).CopyTo(destination);
            }

            offset += taken;
            destination = destination[taken..];
        }

        ArrayPool<byte>.Shared.Return(encoded);
    }

    /// <inheritdoc/>
    public override bool IsSameStorage(Tensor other) =>
        other is BlockTensor blocks && ReferenceEquals(blocks.map, map) && blocks.start == start && blocks.layout == layout && blocks.Shape.Equals(Shape);

    private ReadOnlySpan<byte> Encoded(long block, int count, byte[] buffer)
    {
        var bytes = buffer.AsSpan(0, count * layout.BlockBytes);
        map.Read(start + (block * layout.BlockBytes), bytes);
        return bytes;
    }
}
