using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;
using BiMamba.Tensors;

namespace BiMamba.Passes.FoldFbi;

/// <summary>
/// Rewrites every <c>fbi_linear</c> as a <c>sign_linear</c> and folds its column scale into the weight of the norm that
/// feeds it, so that one plane of signs and one shift vector remain (arXiv 2411.11843, FBI-Linear; the folding is
/// described at <see cref="ColumnFold"/>).
/// </summary>
/// <remarks>
/// A linear stays unfolded, with its scale and shift as vectors, where its pattern is by row, where its input is not
/// the only use of a norm, or where a folded number is not finite or subnormal.
/// </remarks>
public sealed class FoldFbiPass : Pass
{
    private const string Fidelity = "fidelity";

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        "fold-fbi",
        "FBI-Linear becomes a plane of signs; its column scale moves into the norm before it.",
        [new LevelRule(Level.Fbi, Level.Quant)],
        [
            new PassOption(Fidelity, new OptionValue.Word("latent"), "latent keeps the checkpoint's scale and shift; official-fp16 reproduces the fp16 levels of the official evaluation")
            {
                Allowed = ["latent", "official-fp16"],
            },
        ],
        "fold-fbi{fidelity=latent}");

    /// <inheritdoc/>
    public override Module? Run(Module module, PassOptions options, PassContext context)
    {
        var fidelity = new AttributeValue.Word(options.Word(Fidelity));
        var resources = module.Resources.ToBuilder();
        var blocks = ImmutableArray.CreateBuilder<Block>();
        var summary = new FoldSummary();
        foreach (var block in module.Blocks)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var folded = block;
            foreach (var op in block.Body.Where(op => op.Code == OpCode.FbiLinear))
            {
                if (Rewrite(folded, op.With(Attributes.Fidelity, fidelity), module, resources, context, summary) is not { } rewritten)
                    return null;
                folded = rewritten;
            }

            blocks.Add(folded);
        }

        context.Diagnostics.Add(PipelineDiagnostics.PassReport, summary.ToString(), new Place("fold-fbi"));
        return (module with { Level = Level.Quant, Resources = resources.ToImmutable(), Blocks = blocks.ToImmutable() }).WithoutUnusedResources();
    }

    private static Block? Rewrite(Block block, Op op, Module module, ImmutableSortedDictionary<string, Resource>.Builder resources, PassContext context, FoldSummary summary)
    {
        var latent = module.Resources[op.Get("latent")];
        var norm = block.Body.FirstOrDefault(candidate => candidate.Results.Any(result => result.Name == op.Get("x")));
        var reason = WhyNot(block, op, norm, module);
        if (reason is null)
        {
            var columns = checked((int)latent.Shape[1]);
            var weight = norm!.Find("weight") is { } name ? module.Resources[name].Data.ToSingles() : [.. Enumerable.Repeat(1f, columns)];
            if (ColumnFold.TryCreate(FbiLevels.Of(op, module), weight, out reason) is { } fold)
            {
                summary.Add(latent.Name, fold.LargestError, context);
                return Fold(block, op, norm, latent, fold, resources);
            }
        }

        context.Diagnostics.Add(PipelineDiagnostics.Unfolded, $"stays unfolded: {reason}", new Place("fold-fbi", latent.Name));
        summary.AddUnfolded();
        return FbiLowering.Lower(op, module, resources, context) is { } lowered ? Replace(block, op, lowered) : null;
    }

    private static string? WhyNot(Block block, Op op, Op? norm, Module module)
    {
        if (op.Word(Attributes.Pattern) == "row")
            return "its scale is by row";
        if (norm?.Code is not (OpCode.RmsNorm or OpCode.GatedRmsNorm))
            return "its input does not come from a norm";
        if (block.Uses(norm.Result.Name) != 1)
            return $"%{norm.Result.Name} has other uses";
        return norm.Find("weight") is { } weight && module.Uses(weight) != 1 ? $"@{weight} has other uses" : null;
    }

    private static Block Fold(Block block, Op op, Op norm, Resource latent, ColumnFold fold, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var official = op.Word(Attributes.Fidelity) == "official-fp16";
        var constant = fold.Constant.Contains(true) ? fold.Constant : null;
        var vectors = new List<(string Role, float[] Values)>();
        if (fold.Shift.Any(value => value != 0))
            vectors.Add(("column_shift", fold.Shift));
        if (fold.ZeroShift.Any(value => value != 0))
            vectors.Add(("zero_shift", fold.ZeroShift));
        var sign = FbiLowering.Build(op, new SignTensor(latent.Data, official, constant), vectors, resources);
        if (norm.Find("weight") is { } weight)
        {
            resources[weight] = new Resource(weight, MemoryTensor.Vector(fold.NormWeight));
        }
        else
        {
            var added = ResourceNames.Add(resources, new Resource(ResourceNames.Prefix(latent.Name) + ".norm_weight", MemoryTensor.Vector(fold.NormWeight)));
            block = block.With(block.Replace(norm, norm.With(Operand.Resource("weight", added))));
        }

        return Replace(block, op, sign);
    }

    private static Block Replace(Block block, Op op, Op replacement) => block with
    {
        Body = [.. block.Body.Select(candidate => candidate.Code == OpCode.FbiLinear && candidate.Results[0].Name == op.Results[0].Name ? replacement : candidate)],
    };

    private sealed class FoldSummary
    {
        private int folded;
        private int unfolded;
        private double worst;
        private string worstName = "";

        public void Add(string name, double error, PassContext context)
        {
            folded++;
            context.Report("fold-fbi", name, "relative weight error", error);
            if (error >= worst)
                (worst, worstName) = (error, name);
        }

        public void AddUnfolded() => unfolded++;

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{folded} linears folded, {unfolded} unfolded{(folded > 0 ? $"; largest relative weight error {worst:0.0e+0} in @{worstName}" : "")}");
    }
}
