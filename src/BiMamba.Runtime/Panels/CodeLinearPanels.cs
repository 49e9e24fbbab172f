using System.Buffers;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Runtime.Threads;
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
        if (IsPacked)
            CodePlanes.Dequantize(PlaneBytes.Of(codes.Data), bits, Rows, Columns, firstRow, Scales, panel);
        else
            Widen(firstRow, panel);
        return buffer;
    }

    /// <summary>True for bit planes, which <see cref="Multiply"/> and <see cref="MultiplyToken"/> take.</summary>
    public bool IsPacked => codes.Encoding == Encoding.Bits1;

    private CodeScales Scales => new(scale, zero, group, scaleRows, Columns);

    /// <summary>y[t, i] of some rows, by exact sums of rounded activations.</summary>
    public void Multiply(Rows x, int firstRow, MutableRows y, Scratch scratch) => FixedCodeProduct.Multiply(
        PlaneBytes.Of(codes.Data), bits, Rows, x, Scales, firstRow / SignTiles.TileRows, y, scratch.Take(FixedCodeProduct.ScratchLength(Columns, group)));

    /// <summary>The same for the only token of a phase, whose pieces all have it.</summary>
    public void MultiplyToken(ReadOnlySpan<float> x, int firstRow, Span<float> y, Scratch scratch)
    {
        // All pieces of a phase take the same length, or the tables would not survive.
        var length = FixedCodeProduct.TableLength(Columns, group);
        var memory = scratch.Take(length + FixedCodeProduct.TokenScratchLength(Columns, group));
        if (scratch.Prepare())
            FixedCodeProduct.BuildTables(x, group, memory[..length]);
        FixedCodeProduct.Accumulate(PlaneBytes.Of(codes.Data), bits, Rows, memory[..length], Scales, firstRow / SignTiles.TileRows, y, memory[length..]);
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
