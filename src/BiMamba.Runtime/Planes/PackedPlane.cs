using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Runtime.Planes;

/// <summary>A plane of bits in tiles, multiplied as it lies in the file, with its zeros in a list or bitmap.</summary>
internal sealed class PackedPlane : SignPlane
{
    private readonly Tensor tiles;
    private readonly uint[]? zeroList;
    private readonly Tensor? zeroMask;

    /// <summary>A plane and its zeros; null where it has none.</summary>
    public PackedPlane(Resource sign, Resource? zeros)
        : base(checked((int)sign.Shape[0]), checked((int)sign.Shape[1]))
    {
        tiles = sign.Data;
        if (zeros?.Encoding == Encoding.Mask1)
            zeroMask = zeros.Data;
        else if (zeros is not null)
            zeroList = MemoryMarshal.Cast<byte, uint>(zeros.Data.ToBytes()).ToArray();
    }

    /// <inheritdoc/>
    public override int ScratchLength(int tokens) => SignProduct.ScratchLength(tokens, Columns);

    /// <inheritdoc/>
    public override void Multiply(Rows x, int firstRow, MutableRows y, Span<float> scratch)
    {
        SignProduct.Multiply(Bytes(tiles), Rows, x, firstRow / RowGrain, y, scratch);
        // The bit of a zero is that of +1.
        SubtractAtZeros(x, firstRow, y, scratch);
    }

    /// <inheritdoc/>
    public override void SubtractAtZeros(Rows x, int firstRow, MutableRows y, Span<float> scratch)
    {
        if (zeroList is not null)
            ZeroList.Apply(zeroList, firstRow, x, [], y);
        else if (zeroMask is not null)
            ZeroBitmap.Apply(Bytes(zeroMask), Rows, firstRow / RowGrain, x, [], y);
    }

    private static ReadOnlySpan<byte> Bytes(Tensor tensor) =>
        tensor.TryGetSpan(0, (int)tensor.ByteLength, out var span) ? span : throw new InvalidOperationException("a plane of bits lies in one piece");
}
