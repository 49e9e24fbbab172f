using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Pipeline;
using BiMamba.Tensors;

namespace BiMamba.Passes.Shared;

/// <summary>Rewrites an <c>fbi_linear</c> as the <c>sign_linear</c> with the same weights, its scale and shift kept as vectors.</summary>
public static class FbiLowering
{
    /// <summary>
    /// The op and the resources that it names; null with a diagnostic where the weights cannot be represented exactly.
    /// </summary>
    public static (Op Op, ImmutableArray<Resource> Resources)? Lower(Op op, Module module, PassContext context)
    {
        var latent = module.Resources[op.Get("latent")];
        var official = op.Word(Attributes.Fidelity) == "official-fp16";
        var levels = FbiLevels.Of(op, module);
        var isRow = op.Word(Attributes.Pattern) == "row";
        if (isRow && levels.ZeroShift.Any(value => value != 0))
        {
            context.Diagnostics.Add(
                PipelineDiagnostics.NotRepresentable,
                "fidelity official-fp16 needs a column or single pattern, found a row pattern",
                new Place(Tensor: latent.Name),
                "use fidelity=latent");
            return null;
        }

        var prefix = ResourceNames.Prefix(latent.Name);
        var vectors = new List<(string Role, float[] Values)>
        {
            (isRow ? "row_scale" : "column_scale", levels.Step),
            (isRow ? "row_shift" : "column_shift", levels.Middle),
        };
        if (levels.ZeroShift.Any(value => value != 0))
            vectors.Add(("zero_shift", levels.ZeroShift));
        return Build(op, prefix, new SignTensor(latent.Data, official, null), vectors, module);
    }

    /// <summary>A <c>sign_linear</c> in place of an <c>fbi_linear</c>.</summary>
    public static (Op Op, ImmutableArray<Resource> Resources) Build(Op op, string prefix, SignTensor sign, IReadOnlyList<(string Role, float[] Values)> vectors, Module module)
    {
        var plane = new Resource(prefix + ".sign", Encoding.Trit, sign.Shape, sign);
        var resources = new List<Resource> { plane };
        var operands = new Dictionary<string, Operand>(StringComparer.Ordinal)
        {
            ["x"] = Operand.Value("x", op.Get("x")),
            ["sign"] = Operand.Resource("sign", plane.Name),
        };
        foreach (var (role, values) in vectors)
        {
            var vector = new Resource($"{prefix}.{role}", MemoryTensor.Vector(values));
            resources.Add(vector);
            operands[role] = Operand.Resource(role, vector.Name);
        }

        if (op.Find("bias") is { } bias)
        {
            operands["bias"] = Operand.Resource("bias", bias);
            resources.Add(module.Resources[bias]);
        }

        var info = Ops.All[(int)OpCode.SignLinear];
        var lowered = new Op(
            OpCode.SignLinear,
            op.Results,
            [.. info.Operands.Where(role => operands.ContainsKey(role.Name)).Select(role => operands[role.Name])],
            ImmutableDictionary<string, AttributeValue>.Empty);
        return (lowered, [.. resources]);
    }
}
