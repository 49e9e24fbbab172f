using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes.Shared;
using BiMamba.Pipeline;

namespace BiMamba.Passes.Untie;

/// <summary>Every operand of every op gets a resource of its own. The first keeps the name; nothing is copied in memory.</summary>
public sealed class UntiePass : Pass
{
    private const string Stage = "untie";

    /// <inheritdoc/>
    public override PassInfo Info { get; } = new(
        Stage,
        "A resource that several ops name becomes one for each, named by block and role.",
        LevelRule.Everywhere,
        [],
        Stage)
    {
        Weights = WeightUse.None,
    };

    /// <inheritdoc/>
    public override Module? Run(Module module, PassOptions options, PassContext context)
    {
        var resources = module.Resources.ToBuilder();
        var named = new HashSet<string>(StringComparer.Ordinal);
        Operand Own(Block block, Operand operand)
        {
            if (!operand.IsResource || named.Add(operand.Name))
                return operand;
            var name = ResourceNames.Unique($"{block.Name}.{operand.Role}", resources.ContainsKey);
            resources.Add(name, module.Resources[operand.Name].Renamed(name));
            return operand with { Name = name };
        }

        // One op after the other: which operand comes first decides who keeps the name.
        var blocks = module.Blocks.Select(block => block.With(block.Body.Select(op => op with { Operands = [.. op.Operands.Select(operand => Own(block, operand))] }).ToList())).ToList();
        var added = resources.Count - module.Resources.Count;
        context.Diagnostics.Add(PipelineDiagnostics.PassReport, string.Create(CultureInfo.InvariantCulture, $"{added} resources more"), new Place(Stage));
        return module with { Resources = resources.ToImmutable(), Blocks = [.. blocks] };
    }
}
