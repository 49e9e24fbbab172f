using System.Buffers;
using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>
/// Rows of the weight that a <c>sign_linear</c> stands for, row_scale_i S_ij column_scale_j + column_shift_j + row_shift_i,
/// and zero_shift_j more where S_ij = 0. The bias is no part of it.
/// </summary>
public sealed class SignLinearPanels : PanelSource
{
    private readonly Tensor sign;
    private readonly bool isPacked;
    private readonly uint[] zeroList = [];
    private readonly Tensor? zeroMask;
    private readonly float[]? columnScale;
    private readonly float[]? columnShift;
    private readonly float[]? rowScale;
    private readonly float[]? rowShift;
    private readonly float[]? zeroShift;

    /// <summary>Reads the vectors and the zeros.</summary>
    public SignLinearPanels(Op op, Module module)
        : base(checked((int)module.Resources[op.Get("sign")].Shape[0]), checked((int)module.Resources[op.Get("sign")].Shape[1]))
    {
        var plane = module.Resources[op.Get("sign")];
        (sign, isPacked) = (plane.Data, plane.Encoding == Encoding.Sign1);
        if (op.Find("zeros") is { } name && module.Resources[name] is { } zeros)
        {
            if (zeros.Encoding == Encoding.Mask1)
                zeroMask = zeros.Data;
            else
                zeroList = MemoryMarshal.Cast<byte, uint>(zeros.Data.ToBytes()).ToArray();
        }

        (columnScale, columnShift) = (Vector(op, module, "column_scale"), Vector(op, module, "column_shift"));
        (rowScale, rowShift) = (Vector(op, module, "row_scale"), Vector(op, module, "row_shift"));
        zeroShift = Vector(op, module, "zero_shift");
    }

    /// <summary>True where every weight is a sign or a zero.</summary>
    public bool IsPlain => (columnScale ?? columnShift ?? rowScale ?? rowShift ?? zeroShift) is null;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Panel(int firstRow, int count, Span<float> buffer)
    {
        buffer = buffer[..(count * Columns)];
        var bytes = ArrayPool<byte>.Shared.Rent(buffer.Length);
        var trits = MemoryMarshal.Cast<byte, sbyte>(bytes.AsSpan(0, buffer.Length));
        Trits(firstRow, count, trits);
        for (var r = 0; r < count; r++)
            SetWeights(trits.Slice(r * Columns, Columns), firstRow + r, buffer.Slice(r * Columns, Columns));
        ArrayPool<byte>.Shared.Return(bytes);
        return buffer;
    }

    /// <summary>Rows of S, each element -1, 0 or +1.</summary>
    /// <param name="firstRow">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="trits">[count, columns].</param>
    public void Trits(int firstRow, int count, Span<sbyte> trits)
    {
        if (!isPacked)
        {
            sign.Read((long)firstRow * Columns, MemoryMarshal.AsBytes(trits));
            return;
        }

        for (var r = 0; r < count; r++)
        {
            for (var j = 0; j < Columns; j++)
                trits[(r * Columns) + j] = (sbyte)(Bit(sign, firstRow + r, j) ? 1 : -1);
        }

        ClearZeros(firstRow, count, trits);
    }

    private void ClearZeros(int firstRow, int count, Span<sbyte> trits)
    {
        var (first, end) = ((long)firstRow * Columns, (long)(firstRow + count) * Columns);
        var at = Array.BinarySearch(zeroList, (uint)first);
        for (at = at < 0 ? ~at : at; at < zeroList.Length && zeroList[at] < end; at++)
            trits[(int)(zeroList[at] - first)] = 0;
        for (var i = 0; zeroMask is not null && i < trits.Length; i++)
        {
            if (Bit(zeroMask, firstRow + (i / Columns), i % Columns))
                trits[i] = 0;
        }
    }

    private bool Bit(Tensor tiles, int row, int column)
    {
        var (at, bit) = SignTiles.Locate(row, column, Columns);
        return (PlaneBytes.Of(tiles)[checked((int)at)] >> bit & 1) != 0;
    }

    private void SetWeights(ReadOnlySpan<sbyte> trits, int row, Span<float> weights)
    {
        var scale = rowScale?[row] ?? 1;
        var shift = rowShift?[row] ?? 0;
        for (var j = 0; j < weights.Length; j++)
        {
            var weight = trits[j] is >= -1 and <= 1 ? scale * trits[j] * (columnScale?[j] ?? 1) : float.NaN;
            weights[j] = weight + (columnShift?[j] ?? 0) + shift + (trits[j] == 0 ? zeroShift?[j] ?? 0 : 0);
        }
    }

    private static float[]? Vector(Op op, Module module, string role) =>
        op.Find(role) is { } name ? module.Resources[name].Data.ToSingles() : null;
}
