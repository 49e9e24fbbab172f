using System.Buffers;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Weights;

/// <summary>Rows of a <c>code_linear</c>, in the order of its positions: bit planes as they lie in the file, or a byte a code.</summary>
public sealed class CodeLinearPanels(Op op, Module module) : PanelSource(Dimension(op, module, 2), Dimension(op, module, 1))
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
        if (IsPacked)
            CodePlanes.Dequantize(Planes, bits, Rows, Columns, firstRow, Scales, panel);
        else
            Widen(firstRow, panel);
        return buffer;
    }

    /// <summary>True for bit planes, which kernels multiply as they lie.</summary>
    public bool IsPacked => codes.Encoding == Encoding.Bits1;

    /// <summary>The bit planes where <see cref="IsPacked"/>.</summary>
    public ReadOnlySpan<byte> Planes => PlaneBytes.Of(codes.Data);

    /// <summary>Bits of a code.</summary>
    public int Bits => bits;

    /// <summary>Positions of a group, 0 for a whole row.</summary>
    public int Group => group;

    /// <summary>Scales and zeros as kernels take them.</summary>
    public CodeScales Scales => new(scale, zero, group, scaleRows, Columns);

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
