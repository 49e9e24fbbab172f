using System.Runtime.InteropServices;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Pipeline;
using BiMamba.Tensors;

namespace BiMamba.Passes.QuantizeEmbedding;

/// <summary>The embedding in fp16, rounded to nearest even, computed as it is read.</summary>
internal static class HalfEmbedding
{
    /// <summary>Bits of an element.</summary>
    public const int Bits = 16;

    /// <summary>The smallest magnitude that rounds to infinity in fp16.</summary>
    private const float Overflow = 65520;

    /// <summary>The module with the weights of some ops in fp16; null with an error where one does not fit.</summary>
    public static Module? Run(Module module, IEnumerable<Op> ops, PassContext context)
    {
        var resources = module.Resources.ToBuilder();
        foreach (var name in ops.Select(op => op.Get("weight")).Distinct(StringComparer.Ordinal))
        {
            var weight = module.Resources[name];
            if (weight.Encoding == Encoding.F16)
                continue;
            if (FindUnfit(weight.Data) is { } index)
            {
                context.Diagnostics.Add(PipelineDiagnostics.NotFinite, $"row {index / weight.Shape[1]}, column {index % weight.Shape[1]} does not fit fp16", new Place("quantize-embedding", name), "keep the embedding as it is, or use 8 bits");
                return null;
            }

            resources[name] = new Resource(name, new HalfTensor(weight.Data));
            context.Diagnostics.Add(PipelineDiagnostics.PassReport, $"{weight.TypeText} is rounded to f16", new Place("quantize-embedding", name));
        }

        return module with { Resources = resources.ToImmutable() };
    }

    private static long? FindUnfit(Tensor weight)
    {
        var values = new float[1 << 16];
        for (long first = 0; first < weight.Shape.Count; first += values.Length)
        {
            var chunk = values.AsSpan(0, (int)Math.Min(values.Length, weight.Shape.Count - first));
            weight.ReadSingles(first, chunk);
            for (var i = 0; i < chunk.Length; i++)
            {
                if (!(Math.Abs(chunk[i]) < Overflow))
                    return first + i;
            }
        }

        return null;
    }

    private sealed class HalfTensor(Tensor source) : Tensor(ElementType.F16, source.Shape)
    {
        private const int ChunkElements = 4096;

        public override void Read(long offset, Span<byte> destination)
        {
            CheckRange(offset, destination.Length);
            Span<float> values = stackalloc float[ChunkElements];
            Span<Half> halves = stackalloc Half[ChunkElements];
            while (destination.Length > 0)
            {
                var (first, skip) = Math.DivRem(offset, 2);
                var count = (int)Math.Min(Math.Min(ChunkElements, Shape.Count - first), (destination.Length + skip + 1) / 2);
                source.ReadSingles(first, values[..count]);
                for (var i = 0; i < count; i++)
                    halves[i] = (Half)values[i];
                var bytes = MemoryMarshal.AsBytes(halves[..count])[(int)skip..];
                bytes = bytes[..Math.Min(bytes.Length, destination.Length)];
                bytes.CopyTo(destination);
                destination = destination[bytes.Length..];
                offset += bytes.Length;
            }
        }
    }
}
