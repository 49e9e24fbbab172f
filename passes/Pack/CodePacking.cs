using System.Collections.Immutable;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Pipeline;
using BiMamba.Tensors;

namespace BiMamba.Passes.Pack;

/// <summary>Stores the codes of every <c>code_linear</c> as bit planes.</summary>
internal static class CodePacking
{
    /// <summary>The module with its codes packed.</summary>
    public static Module Run(Module module, PassContext context)
    {
        var ops = module.Blocks.SelectMany(block => block.Body).Where(op => op.Code == OpCode.CodeLinear)
            .Where(op => module.Resources[op.Get("codes")].Encoding == Encoding.U8).DistinctBy(op => op.Get("codes"), StringComparer.Ordinal).ToList();
        var packed = new Resource[ops.Count];
        Parallel.For(0, ops.Count, context.Parallel, i => packed[i] = Pack(module.Resources[ops[i].Get("codes")], ops[i].Int(Attributes.CodeBits), context.Cancellation));
        return module with { Resources = module.Resources.SetItems(packed.Select(resource => KeyValuePair.Create(resource.Name, resource))) };
    }

    private static Resource Pack(Resource codes, int bits, CancellationToken cancellation)
    {
        var (rows, columns) = (checked((int)codes.Shape[0]), checked((int)codes.Shape[1]));
        var planes = new byte[CodePlanes.ByteLength(bits, rows, columns)];
        byte[] scratch = [];
        for (var first = 0; first < rows; first += SignTiles.TileRows)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(SignTiles.TileRows, rows - first);
            CodePlanes.PackBlock(codes.Data.View((long)first * columns, count * columns, ref scratch), bits, rows, columns, first, planes);
        }

        return new Resource(codes.Name, Encoding.Bits1, Shape.Of(bits, rows, columns), new MemoryTensor(planes, ElementType.U8, Shape.Of(planes.Length)));
    }
}
