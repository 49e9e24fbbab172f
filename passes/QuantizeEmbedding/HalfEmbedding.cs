using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Passes.QuantizeEmbedding;

/// <summary>The embedding in fp16, rounded to nearest even, computed as it is read.</summary>
internal static class HalfEmbedding
{
    /// <summary>Bits of an element.</summary>
    public const int Bits = 16;

    /// <summary>The module with the weights of some ops in fp16; null with an error where one does not fit.</summary>
    public static Module? Run(Module module, IEnumerable<Op> ops, PassContext context)
    {
        var resources = module.Resources.ToBuilder();
        foreach (var name in ops.Select(op => op.Get("weight")).Distinct(StringComparer.Ordinal))
        {
            var weight = module.Resources[name];
            if (weight.Encoding == Encoding.F16)
                continue;
            if (CastCheck.Of(weight.Data, ElementType.F16, context.Cancellation) is { Unfit: >= 0 and var index, Value: var value })
            {
                context.Diagnostics.Add(PipelineDiagnostics.NotFinite, string.Create(CultureInfo.InvariantCulture, $"expected a number that fp16 can hold at row {index / weight.Shape[1]}, column {index % weight.Shape[1]}, found {value:R}"), new Place("quantize-embedding", name), "keep the embedding as it is, or use 8 bits");
                return null;
            }

            resources[name] = new Resource(name, new CastTensor(weight.Data, ElementType.F16));
            context.Diagnostics.Add(PipelineDiagnostics.PassReport, $"{weight.TypeText} is rounded to f16", new Place("quantize-embedding", name));
        }

        return module with { Resources = resources.ToImmutable() };
    }
}
