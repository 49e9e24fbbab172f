using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;

namespace BiMamba.Export.Structure;

/// <summary>Finds the layers of a known architecture in a module.</summary>
internal sealed class StructureReader(Module module, string file, DiagnosticBag diagnostics)
{
    private const string Hint = "export what convert wrote, or a checkpoint; passes such as fuse make other ops";

    private static readonly (LayerFamily Family, ImmutableArray<PatternStep> Steps)[] Patterns =
        [(LayerFamily.Mamba2, LayerPattern.Mamba2), (LayerFamily.Mamba1, LayerPattern.Mamba1), (LayerFamily.FalconMamba, LayerPattern.FalconMamba)];

    /// <summary>The structure, or null with <see cref="ExportDiagnostics.NotALayer"/>.</summary>
    public ModelStructure? Read()
    {
        if (module.Blocks.Length < 3 || module.Blocks[0].Body is not [{ Code: OpCode.Embedding } embedding])
            return Fail(module.Blocks[0], "expected one embedding in the first block and layers behind it");
        if (module.Blocks[^1].Body is not [{ Code: OpCode.RmsNorm } finalNorm, { Code: OpCode.LmHead } head] || head.Get("x") != finalNorm.Result.Name || finalNorm.Get("x") != module.Blocks[^1].Parameter.Name)
            return Fail(module.Blocks[^1], "expected rms_norm and lm_head in the last block");
        if (head.Find("bias") is not null)
            return Fail(module.Blocks[^1], "expected a head without a bias");
        var layers = ImmutableArray.CreateBuilder<Layer>();
        LayerFamily? family = null;
        foreach (var block in module.Blocks[1..^1])
        {
            var found = Match(block);
            if (found is not { } layer || (family is not null && family != layer.Family) || (layers.Count > 0 && layers[0].Shape != layer.Layer.Shape))
                return Fail(block, found is null ? "expected the ops of a layer of Mamba-1, FalconMamba or Mamba-2 in their order" : "expected a layer of the family and the sizes of the first one");
            family = layer.Family;
            layers.Add(layer.Layer);
        }

        var eps = finalNorm.Float(Attributes.Eps);
        if (layers.FirstOrDefault(layer => layer[Parts.Norm].Float(Attributes.Eps) != eps || (layer.Ops.TryGetValue(Parts.GateNorm, out var gate) && gate.Float(Attributes.Eps) != eps)) is { } other)
            return Fail(module.Blocks.Single(block => block.Name == other.Block), "expected one epsilon of all norms");
        return new ModelStructure(module, family!.Value, layers[0].Shape, embedding, layers.ToImmutable(), finalNorm, head, eps);
    }

    private ModelStructure? Fail(Block block, string expected)
    {
        diagnostics.Add(ExportDiagnostics.NotALayer, $"{expected}, found {string.Join(", ", block.Body.Select(op => op.Info.Name).Take(12))}", new Place(file, Field: "@" + block.Name), Hint);
        return null;
    }

    private (LayerFamily Family, Layer Layer)? Match(Block block)
    {
        foreach (var (family, steps) in Patterns)
        {
            if (Match(block, steps) is { } ops && Shape(block, family, ops) is { } shape)
                return (family, new Layer(block.Name, shape, ops));
        }

        return null;
    }

    private static ImmutableDictionary<string, Op>? Match(Block block, ImmutableArray<PatternStep> steps)
    {
        if (block.Body.Length != steps.Length || block.Return != block.Body[^1].Results[0].Name)
            return null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { [LayerPattern.Residual] = block.Parameter.Name };
        var ops = ImmutableDictionary.CreateBuilder<string, Op>(StringComparer.Ordinal);
        foreach (var (op, step) in block.Body.Zip(steps))
        {
            if (!step.Codes.Contains(op.Code) || op.Results.Length != step.Gives.Length || !Reads(op, step, values))
                return null;
            ops.Add(step.Part, op);
            foreach (var (result, name) in op.Results.Zip(step.Gives))
                values[name] = result.Name;
        }

        return ops.ToImmutable();
    }

    /// <summary>A sum has no order.</summary>
    private static bool Reads(Op op, PatternStep step, Dictionary<string, string> values) =>
        op.Code == OpCode.Add
            ? step.Reads.Select(read => values[read.Value]).ToHashSet(StringComparer.Ordinal).SetEquals([op.Get("a"), op.Get("b")])
            : step.Reads.All(read => op.Get(read.Role) == values[read.Value]);

    private LayerShape? Shape(Block block, LayerFamily family, ImmutableDictionary<string, Op> ops)
    {
        var conv = module.Resources[ops[Parts.Conv].Get("weight")].Shape;
        if (ops[Parts.Conv].Word(Attributes.Activation) != "silu")
            return null;
        var split = ops["split"].Results.Select(value => value.Type.Width).ToArray();
        var parts = ops["parts"].Results.Select(value => value.Type.Width).ToArray();
        var model = block.Parameter.Type.Width;
        if (family != LayerFamily.Mamba2)
            return split[0] == split[1] && parts[1] == parts[2] ? new LayerShape(model, split[0], parts[1], conv[2], 0, 0, parts[0]) : null;
        var (heads, groups) = (ops[Parts.Scan].Int(Attributes.Heads), ops[Parts.Scan].Int(Attributes.Groups));
        return split[0] == parts[0] && parts[1] == parts[2] ? new LayerShape(model, split[0], parts[1] / groups, conv[2], heads, groups, 0) : null;
    }
}
