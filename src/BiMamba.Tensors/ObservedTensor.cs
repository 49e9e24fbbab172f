namespace BiMamba.Tensors;

/// <summary>A tensor that tells how many bytes of it are read.</summary>
public sealed class ObservedTensor(Tensor inner, Action<int> onRead) : Tensor(inner.Type, inner.Shape, inner)
{
    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        inner.Read(offset, destination);
        onRead(destination.Length);
    }
}
