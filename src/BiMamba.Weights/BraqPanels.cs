using System.Buffers;
using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>Rows of a <c>braq_linear</c>: bit planes as they lie in the file, or trits.</summary>
public sealed class BraqPanels : PanelSource
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
