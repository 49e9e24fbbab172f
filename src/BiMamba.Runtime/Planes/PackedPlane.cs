using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Runtime.Threads;
using BiMamba.Tensors;
using BiMamba.Weights;

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
            zeroList = Listed(zeros);
    }

    /// <inheritdoc/>
    public override bool HasFixed => true;

    /// <inheritdoc/>
    public override bool HasZeros => zeroList is not null || zeroMask is not null;

    /// <inheritdoc/>
    public override void Multiply(Rows x, int firstRow, MutableRows y, Scratch scratch)
    {
        if (x.Count != 1)
        {
            SignProduct.Multiply(PlaneBytes.Of(tiles), Rows, x, firstRow / RowGrain, y, scratch.Take(SignProduct.ScratchLength(x.Count, Columns)));
            return;
        }

        var columnTiles = SignTiles.ColumnTiles(Columns);
        var tables = scratch.Take(SignProduct.TableLength(1, columnTiles));
        if (scratch.Prepare())
            SignProduct.BuildTables(x, 0, columnTiles, tables);
        SignProduct.Accumulate(PlaneBytes.Of(tiles), columnTiles, 0, columnTiles, tables, firstRow / RowGrain, y);
    }

    /// <inheritdoc/>
    public override void MultiplyFixed(Rows x, float[]? scale, int firstRow, MutableRows y, Scratch scratch) =>
        FixedSignProduct.Multiply(PlaneBytes.Of(tiles), Rows, x, scale, firstRow / RowGrain, y, scratch.Take(FixedSignProduct.ScratchLength(y.Width)));

    /// <inheritdoc/>
    public override void MultiplyFixedToken(ReadOnlySpan<float> x, float[]? scale, int firstRow, Span<float> y, Scratch scratch)
    {
        // All pieces of a phase take the same length, or the tables would not survive.
        var length = FixedSignProduct.TableLength(Columns);
        var memory = scratch.Take(length + FixedSignProduct.TokenScratchLength(Rows));
        if (scratch.Prepare())
            FixedSignProduct.BuildTables(x, scale, memory[..length]);
        FixedSignProduct.Accumulate(PlaneBytes.Of(tiles), Columns, memory[..length], firstRow / RowGrain, y, memory[length..]);
    }

    /// <inheritdoc/>
    public override void SubtractAtZeros(Rows x, int firstRow, MutableRows y, Scratch scratch)
    {
        if (zeroList is not null)
            ZeroList.Apply(zeroList, firstRow, x, [], y);
        else if (zeroMask is not null)
            ZeroBitmap.Apply(PlaneBytes.Of(zeroMask), Rows, firstRow / RowGrain, x, [], y);
    }

    private static uint[]? Listed(Resource zeros)
    {
        var list = MemoryMarshal.Cast<byte, uint>(zeros.Data.ToBytes()).ToArray();
        return list.Length == 0 ? null : list;
    }
}
