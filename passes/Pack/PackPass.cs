using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;
using BiMamba.Tensors;

namespace BiMamba.Passes.Pack;

/// <summary>
/// Stores every plane of signs as bits in the tiles that the file and the kernels share, with exact zeros in a list or
/// bitmap beside it. An <c>fbi_linear</c> becomes the <c>sign_linear</c> with its scale and shift as vectors, unfolded.
/// Full-precision linears stay as they are.
/// </summary>
public sealed class PackPass : Pass
{
    private const string Word = "word";

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "pack",
        "Planes of signs become bits in tiles; exact zeros are kept beside them.",
        [new LevelRule(Level.Float, Level.Packed), new LevelRule(Level.Fbi, Level.Packed), new LevelRule(Level.Quant, Level.Packed)],
        [new PassOption(Word, new OptionValue.Int(SignTiles.TileBytes), "bytes of a tile: 16 rows of 32 columns") { Allowed = ["64"] }],
        "pack{word=64}");

    /// <inheritdoc/>
    public override Module? Run(Module module, PassOptions options, PassContext context)
    {
        if (LowerFbi(module, context) is not { } lowered)
            return null;
        var names = lowered.Blocks.SelectMany(block => block.Body).SelectMany(Planes).Distinct(StringComparer.Ordinal).ToList();
        var lists = lowered.Blocks.SelectMany(block => block.Body).Where(op => op.Code == OpCode.BraqLinear).SelectMany(Planes).ToHashSet(StringComparer.Ordinal);
        var planes = new PackedPlane?[names.Count];
        var bad = new long[names.Count];
        var progress = new PackProgress(lowered, names, context);
        Parallel.ForEach(InFileOrder(lowered, names), context.Parallel, i =>
        {
            var trits = lowered.Resources[names[i]];
            planes[i] = PackedPlane.TryPack(trits, ZerosName(trits.Name), !lists.Contains(names[i]), elements => progress.Advance(trits, elements), context.Cancellation, out bad[i]);
        });

        return Assemble(lowered, names, planes, bad, context) is { } packed ? CodePacking.Run(packed, context) : null;
    }

    /// <summary>The planes of trits of an op.</summary>
    private static IEnumerable<string> Planes(Op op) => op.Code switch
    {
        OpCode.SignLinear => [op.Get("sign")],
        OpCode.BraqLinear => [op.Get("sign"), op.Get("region")],
        _ => [],
    };

    private static string ZerosName(string plane) => ResourceNames.Prefix(plane) + (plane.EndsWith(".region", StringComparison.Ordinal) ? ".region_zeros" : ".zeros");

    /// <summary>Indices of planes in the order in which their latent weights lie in the files, handed out one at a time.</summary>
    private static OrderablePartitioner<int> InFileOrder(Module module, List<string> names)
    {
        var order = Enumerable.Range(0, names.Count)
            .Select(i => (Index: i, Mapped: (module.Resources[names[i]].Data as SignTensor)?.Latent as MappedTensor))
            .OrderBy(plane => plane.Mapped?.Map.Path, StringComparer.Ordinal).ThenBy(plane => plane.Mapped?.Offset)
            .Select(plane => plane.Index);
        return Partitioner.Create(order, EnumerablePartitionerOptions.NoBuffering);
    }

    private static Module? Assemble(Module module, List<string> names, PackedPlane?[] planes, long[] bad, PassContext context)
    {
        var resources = module.Resources.ToBuilder();
        var zerosOf = new Dictionary<string, string?>(StringComparer.Ordinal);
        long weights = 0, zeros = 0;
        for (var i = 0; i < names.Count; i++)
        {
            var name = names[i];
            if (planes[i] is not { } plane)
            {
                var columns = module.Resources[name].Shape[1];
                context.Diagnostics.Add(PipelineDiagnostics.NotFinite, $"expected a number at row {bad[i] / columns}, column {bad[i] % columns}, found NaN", new Place("pack", name));
                continue;
            }

            resources[name] = plane.Sign;
            zerosOf.Add(name, plane.Zeros is null ? null : ResourceNames.Add(resources, plane.Zeros));
            context.Report("pack", name, "exact zeros", plane.ZeroCount);
            weights += plane.Sign.Shape.Count;
            zeros += plane.ZeroCount;
        }

        if (zerosOf.Count < names.Count)
            return null;
        if (zeros > 0)
            context.Diagnostics.Add(PipelineDiagnostics.ExactZeros, string.Create(CultureInfo.InvariantCulture, $"{zeros} of {weights} weights are exactly zero and stay zero"), new Place("pack"));
        return module with
        {
            Level = Level.Packed,
            Resources = resources.ToImmutable(),
            Blocks = [.. module.Blocks.Select(block => block with { Body = [.. block.Body.Select(op => WithZeros(op, zerosOf))] })],
        };
    }

    /// <summary>A sign_linear names the zeros of its plane.</summary>
    private static Op WithZeros(Op op, Dictionary<string, string?> zerosOf)
    {
        if (op.Code is OpCode.SignLinear or OpCode.BraqLinear && zerosOf[op.Get("sign")] is { } zeros)
            op = op.With(Operand.Resource("zeros", zeros));
        return op.Code == OpCode.BraqLinear && zerosOf[op.Get("region")] is { } regionZeros ? op.With(Operand.Resource("region_zeros", regionZeros)) : op;
    }

    private static Module? LowerFbi(Module module, PassContext context)
    {
        if (module.Level != Level.Fbi)
            return module;
        var resources = module.Resources.ToBuilder();
        var blocks = ImmutableArray.CreateBuilder<Block>();
        foreach (var block in module.Blocks)
        {
            var body = ImmutableArray.CreateBuilder<Op>();
            foreach (var op in block.Body)
            {
                if (op.Code != OpCode.FbiLinear)
                {
                    body.Add(op);
                    continue;
                }

                if (FbiLowering.Lower(op, module, resources, context) is not { } lowered)
                    return null;
                body.Add(lowered);
            }

            blocks.Add(block with { Body = body.ToImmutable() });
        }

        return (module with { Level = Level.Quant, Resources = resources.ToImmutable(), Blocks = blocks.ToImmutable() }).WithoutUnusedResources();
    }

    private sealed class PackProgress(Module module, List<string> names, PassContext context)
    {
        private readonly long total = names.Sum(name => Bytes(module.Resources[name], module.Resources[name].Shape.Count));
        private long done;

        public void Advance(Resource plane, long elements) =>
            context.Progress?.Report(new PassProgress("pack", plane.Name, Interlocked.Add(ref done, Bytes(plane, elements)), total));

        private static long Bytes(Resource plane, long elements) =>
            elements * (plane.Data is SignTensor sign ? sign.Latent.Type : plane.Data.Type).Size();
    }
}
