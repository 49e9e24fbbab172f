using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>Planes of bits where they lie.</summary>
public static class PlaneBytes
{
    /// <summary>All bytes of a plane.</summary>
    public static ReadOnlySpan<byte> Of(Tensor tensor) =>
        tensor.TryGetSpan(0, (int)tensor.ByteLength, out var span) ? span : throw new InvalidOperationException("a plane of bits lies in one piece");
}
