using System.Runtime.InteropServices;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;
using BiMamba.Tensors;

namespace BiMamba.Passes.QuantizeEmbedding;

/// <summary>
/// Stores the embedding, and a head of its own where the model has one, as 8-bit or 4-bit codes with one bf16 scale a
/// group of columns. The codes are those of <see cref="RowQuantizer"/>.
/// </summary>
public sealed class QuantizeEmbeddingPass : Pass
{
    private const string Bits = "bits";
    private const string Group = "group";
    private const string Head = "head";
    private const int PanelRows = 64;

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "quantize-embedding",
        "The embedding and an untied head become 8-bit or 4-bit codes with group scales.",
        LevelRule.Everywhere,
        [
            new PassOption(Bits, new OptionValue.Int(8), "bits of a code; 16 stores fp16 without scales") { Allowed = ["4", "8", "16"] },
            new PassOption(Group, new OptionValue.Int(64), "columns that share a bf16 scale") { Min = 2, Max = 1 << 20 },
            new PassOption(Head, new OptionValue.Bool(true), "true to quantize a head that is not tied, too"),
        ],
        "quantize-embedding{bits=8, group=64}");

    /// <inheritdoc/>
    public override Module? Run(Module module, PassOptions options, PassContext context)
    {
        var ops = module.Blocks.SelectMany(block => block.Body).Where(op => Applies(op, options)).ToList();
        if (ops.Find(op => !module.Resources[op.Get("weight")].Encoding.IsFloat()) is { } quantized)
        {
            var weight = module.Resources[quantized.Get("weight")];
            context.Diagnostics.Add(PipelineDiagnostics.QuantizedAlready, $"expected floating point, found {weight.TypeText}", new Place("quantize-embedding", weight.Name), "start from the full-precision checkpoint");
            return null;
        }

        if (options.Int(Bits) == HalfEmbedding.Bits)
            return HalfEmbedding.Run(module, ops, context);
        var resources = module.Resources.ToBuilder();
        var codes = new Dictionary<string, (string Codes, string Scale)>(StringComparer.Ordinal);
        foreach (var op in ops)
        {
            var weight = module.Resources[op.Get("weight")];
            if (codes.ContainsKey(weight.Name))
                continue;
            if (Quantize(weight, options, context) is not { } code)
                return null;
            // An op of another kind that names the weight keeps it.
            if (!IsNamedElsewhere(module, weight.Name))
                resources.Remove(weight.Name);
            codes.Add(weight.Name, (ResourceNames.Add(resources, code.Codes), ResourceNames.Add(resources, code.Scale)));
        }

        var group = new AttributeValue.Int(options.Int(Group));
        return module with
        {
            Resources = resources.ToImmutable(),
            Blocks = [.. module.Blocks.Select(block => block with { Body = [.. block.Body.Select(op => Rewrite(op, codes, group))] })],
        };
    }

    private static bool Applies(Op op, PassOptions options) =>
        op.Code == OpCode.Embedding || (op.Code == OpCode.LmHead && options.Bool(Head));

    private static bool IsNamedElsewhere(Module module, string weight) => module.Blocks.SelectMany(block => block.Body)
        .Any(op => op.Operands.Any(operand => operand.IsResource && operand.Name == weight && !(HasCodes(op) && operand.Role == "weight")));

    private static bool HasCodes(Op op) => op.Code is OpCode.Embedding or OpCode.LmHead;

    private static Op Rewrite(Op op, Dictionary<string, (string Codes, string Scale)> codes, AttributeValue group)
    {
        // A tied head shares the codes of the embedding whatever the option says: there is one weight.
        if (!HasCodes(op) || !codes.TryGetValue(op.Get("weight"), out var code))
            return op;
        return op.With(Attributes.ScaleGroup, group).With("weight", code.Codes).With(Operand.Resource("scale", code.Scale));
    }

    private static (Resource Codes, Resource Scale)? Quantize(Resource weight, PassOptions options, PassContext context)
    {
        var (bits, group) = (options.Int(Bits), options.Int(Group));
        var (rows, columns) = (checked((int)weight.Shape[0]), checked((int)weight.Shape[1]));
        var (rowBytes, groups) = (QuantizedRows.RowBytes(columns, bits), QuantizedRows.Groups(columns, group));
        var codes = new byte[(long)rows * rowBytes];
        var scales = new ushort[(long)rows * groups];
        var bad = new long[(rows + PanelRows - 1) / PanelRows];
        Parallel.For(0, bad.Length, context.Parallel, panel =>
        {
            var first = panel * PanelRows;
            var count = Math.Min(PanelRows, rows - first);
            var values = new float[count * columns];
            weight.Data.ReadSingles((long)first * columns, values);
            bad[panel] = RowQuantizer.Quantize(
                new Rows(values, count, columns), bits, group, codes.AsSpan(first * rowBytes, count * rowBytes), scales.AsSpan(first * groups, count * groups));
        });

        var badPanel = Array.FindIndex(bad, index => index >= 0);
        if (badPanel >= 0)
        {
            var index = ((long)badPanel * PanelRows * columns) + bad[badPanel];
            context.Diagnostics.Add(PipelineDiagnostics.NotFinite, $"expected a finite number at row {index / columns}, column {index % columns}", new Place("quantize-embedding", weight.Name));
            return null;
        }

        var encoding = bits == 8 ? Encoding.I8 : Encoding.I4;
        var codeData = new MemoryTensor(codes, bits == 8 ? ElementType.I8 : ElementType.U8, bits == 8 ? weight.Shape : Shape.Of(codes.Length));
        var scaleData = new MemoryTensor(MemoryMarshal.AsBytes(scales.AsSpan()).ToArray(), ElementType.BF16, Shape.Of(rows, groups));
        return (new Resource(weight.Name, encoding, weight.Shape, codeData), new Resource(ResourceNames.Prefix(weight.Name) + ".scale", scaleData));
    }
}
