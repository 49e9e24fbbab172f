using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;
using BiMamba.Tensors;

namespace BiMamba.Passes.TieWeights;

/// <summary>Resources of equal type, shape and bytes become one, under the name of the one that is used first.</summary>
public sealed class TieWeightsPass : Pass
{
    private const string Stage = "tie-weights";
    private const string All = "all";

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        Stage,
        "Resources of equal type, shape and bytes become one.",
        LevelRule.Everywhere,
        [new PassOption(All, new OptionValue.Bool(false), "true for every resource, false for embedding and head with their scales; fold-fbi and fuse leave a norm whose weight is tied")],
        "tie-weights");

    /// <inheritdoc/>
    public override Module? Run(Module module, PassOptions options, PassContext context)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        long saved = 0;
        foreach (var alike in Candidates(module, options.Bool(All)).GroupBy(resource => (resource.Encoding, resource.Shape)).Where(group => group.Count() > 1))
        {
            var kept = new List<Resource>();
            foreach (var resource in alike)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                if (kept.Find(first => AreEqual(first, resource)) is { } same)
                {
                    names.Add(resource.Name, same.Name);
                    saved += resource.Data.ByteLength;
                }
                else
                {
                    kept.Add(resource);
                }
            }
        }

        context.Diagnostics.Add(PipelineDiagnostics.PassReport, string.Create(CultureInfo.InvariantCulture, $"{names.Count} resources tied, {saved} bytes less"), new Place(Stage));
        return ResourceNames.Redirect(module, names).WithoutUnusedResources();
    }

    /// <summary>Resources in the order in which ops name them.</summary>
    private static IEnumerable<Resource> Candidates(Module module, bool all) => module.Blocks.SelectMany(block => block.Body)
        .SelectMany(op => op.Operands.Where(operand => operand.IsResource && (all || (op.Code is OpCode.Embedding or OpCode.LmHead && operand.Role is "weight" or "scale"))))
        .Select(operand => operand.Name).Distinct(StringComparer.Ordinal)
        .Select(name => module.Resources[name]);

    /// <summary>Hashes are compared first: they are computed once, whatever the number of resources. Bytes have the last word.</summary>
    private static bool AreEqual(Resource left, Resource right) =>
        left.Data.IsSameStorage(right.Data) || (left.Sha256 == right.Sha256 && left.Data.ContentEquals(right.Data));
}
