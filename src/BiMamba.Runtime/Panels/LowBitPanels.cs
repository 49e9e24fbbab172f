using System.Buffers;
using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Runtime.Panels;

/// <summary>Rows of a <c>code_linear</c>, in the order of its positions: bit planes as they lie in the file, or a byte a code.</summary>
internal sealed class CodeLinearPanels(Op op, Module module) : PanelSource(Dimension(op, module, 2), Dimension(op, module, 1))
{
    private readonly Resource codes = module.Resources[op.Get("codes")];
    private readonly float[] scale = module.Resources[op.Get("scale")].Data.ToSingles();
    private readonly byte[] zero = op.Find("zero") is { } name ? module.Resources[name].Data.ToBytes() : [];
    private readonly int scaleRows = (int)module.Resources[op.Get("scale")].Shape[0];
    private readonly int bits = op.Int(Attributes.CodeBits);
    private readonly int group = op.Int(Attributes.CodeGroup);

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Panel(int firstRow, int count, Span<float> buffer)
    {
        buffer = buffer[..(count * Columns)];
        var panel = new MutableRows(buffer, count, Columns);
        if (codes.Encoding == Encoding.Bits1)
            CodePlanes.Dequantize(PlaneBytes.Of(codes.Data), bits, Rows, Columns, firstRow, new CodeScales(scale, zero, group, scaleRows, Columns), panel);
        else
            Widen(firstRow, panel);
        return buffer;
    }

    private void Widen(int firstRow, MutableRows panel)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Columns);
        var width = group == 0 ? Columns : group;
        var groups = (Columns + width - 1) / width;
        for (var r = 0; r < panel.Count; r++)
        {
            codes.Data.Read((long)(firstRow + r) * Columns, bytes.AsSpan(0, Columns));
            for (var g = 0; g < groups; g++)
            {
                var at = (scaleRows == 1 ? 0 : (firstRow + r) * groups) + g;
                Widen(bytes, panel[r], g * width, Math.Min(Columns, (g + 1) * width), scale[at], zero.Length == 0 ? 1 << (bits - 1) : zero[at]);
            }
        }

        ArrayPool<byte>.Shared.Return(bytes);
    }

    private static void Widen(ReadOnlySpan<byte> codes, Span<float> weights, int first, int end, float scale, int zero)
    {
        for (var j = first; j < end; j++)
            weights[j] = scale * (codes[j] - zero);
    }

    private static int Dimension(Op op, Module module, int fromEnd)
    {
        var shape = module.Resources[op.Get("codes")].Shape;
        return checked((int)shape[shape.Rank - fromEnd]);
    }
}

/// <summary>Rows of a <c>braq_linear</c>: bit planes as they lie in the file, or trits.</summary>
internal sealed class BraqPanels : PanelSource
{
    private readonly Tensor sign;
    private readonly Tensor region;
    private readonly bool isPacked;
    private readonly uint[] salient;
    private readonly ushort[] scale;
    private readonly ushort[] mean;
    private readonly uint[] zeros;
    private readonly uint[] regionZeros;
    private readonly int block;

    /// <summary>Reads the small tensors.</summary>
    public BraqPanels(Op op, Module module)
        : base(checked((int)module.Resources[op.Get("sign")].Shape[0]), checked((int)module.Resources[op.Get("sign")].Shape[1]))
    {
        (sign, region) = (module.Resources[op.Get("sign")].Data, module.Resources[op.Get("region")].Data);
        isPacked = module.Resources[op.Get("sign")].Encoding == Encoding.Sign1;
        salient = Read<uint>(op, module, "salient");
        scale = Read<ushort>(op, module, "scale");
        mean = Read<ushort>(op, module, "mean");
        zeros = Read<uint>(op, module, "zeros");
        regionZeros = Read<uint>(op, module, "region_zeros");
        block = op.Int(Attributes.BraqBlock);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Panel(int firstRow, int count, Span<float> buffer)
    {
        buffer = buffer[..(count * Columns)];
        var panel = new MutableRows(buffer, count, Columns);
        if (isPacked)
            BraqPlanes.Dequantize(PlaneBytes.Of(sign), PlaneBytes.Of(region), salient, scale, mean, zeros, regionZeros, block, Rows, Columns, firstRow, panel);
        else
            Widen(firstRow, panel);
        return buffer;
    }

    private void Widen(int firstRow, MutableRows panel)
    {
        var trits = ArrayPool<byte>.Shared.Rent(2 * Columns);
        var signs = trits.AsSpan(0, Columns);
        var regions = trits.AsSpan(Columns, Columns);
        var blocks = BraqPlanes.Blocks(Columns, block);
        for (var r = 0; r < panel.Count; r++)
        {
            sign.Read((long)(firstRow + r) * Columns, signs);
            region.Read((long)(firstRow + r) * Columns, regions);
            for (var j = 0; j < Columns; j++)
            {
                var at = ((firstRow + r) * blocks) + (j / block);
                panel[r][j] = Weight((sbyte)signs[j], (sbyte)regions[j], (salient[j / 32] >> (j % 32) & 1) != 0, scale.AsSpan(at * 4, 4), mean.AsSpan(at * 3, 3));
            }
        }

        ArrayPool<byte>.Shared.Return(trits);
    }

    private static float Weight(int sign, int region, bool isSalient, ReadOnlySpan<ushort> scale, ReadOnlySpan<ushort> mean)
    {
        if (isSalient)
            return ((sign * Half(scale[2])) + (region * Half(scale[3]))) + Half(mean[2]);
        var which = region > 0 ? 1 : 0;
        return (sign * Half(scale[which])) + Half(mean[which]);
    }

    private static float Half(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    private static T[] Read<T>(Op op, Module module, string role)
        where T : unmanaged =>
        op.Find(role) is { } name ? MemoryMarshal.Cast<byte, T>(module.Resources[name].Data.ToBytes()).ToArray() : [];
}

/// <summary>Planes of bits where they lie.</summary>
internal static class PlaneBytes
{
    /// <summary>All bytes of a plane.</summary>
    public static ReadOnlySpan<byte> Of(Tensor tensor) =>
        tensor.TryGetSpan(0, (int)tensor.ByteLength, out var span) ? span : throw new InvalidOperationException("a plane of bits lies in one piece");
}
