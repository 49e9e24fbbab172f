using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using BiMamba.Weights;

namespace BiMamba.Passes.Shared;

/// <summary>Rewrites an <c>fbi_linear</c> as the <c>sign_linear</c> with the same weights, its scale and shift kept as vectors.</summary>
public static class FbiLowering
{
    /// <summary>The op; null with a diagnostic where the weights cannot be represented exactly.</summary>
    /// <param name="op">The <c>fbi_linear</c>.</param>
    /// <param name="module">Its module.</param>
    /// <param name="resources">Receives the resources that the op names.</param>
    /// <param name="context">Receives the diagnostic.</param>
    public static Op? Lower(Op op, Module module, ImmutableSortedDictionary<string, Resource>.Builder resources, PassContext context)
    {
        var latent = module.Resources[op.Get("latent")];
        var official = op.Word(Attributes.Fidelity) == "official-fp16";
        var levels = FbiLevels.Of(op, module);
        var isRow = op.Word(Attributes.Pattern) == "row";
        if (!AreFinite(op, module, levels, context))
            return null;
        if (isRow && levels.ZeroShift.Any(value => value != 0))
        {
            context.Diagnostics.Add(
                PipelineDiagnostics.NotRepresentable,
                "fidelity official-fp16 needs a column or single pattern, found a row pattern",
                new Place(Tensor: latent.Name),
                "use fidelity=latent");
            return null;
        }

        var vectors = new List<(string Role, float[] Values)>
        {
            (isRow ? "row_scale" : "column_scale", levels.Step),
            (isRow ? "row_shift" : "column_shift", levels.Middle),
        };
        if (levels.ZeroShift.Any(value => value != 0))
            vectors.Add(("zero_shift", levels.ZeroShift));
        return Build(op, new SignTensor(latent.Data, official, null), vectors, resources);
    }

    /// <summary>True where scale, shift and the levels that follow from them are finite; otherwise an error names the first that is not.</summary>
    private static bool AreFinite(Op op, Module module, FbiLevels levels, PassContext context)
    {
        foreach (var resource in ((string[])["scale", "shift"]).Select(role => module.Resources[op.Get(role)]))
        {
            if (FiniteWeights.Find(resource.Data, context.Cancellation) is not var (index, value))
                continue;
            context.Diagnostics.Add(PipelineDiagnostics.NotFinite, $"element {FiniteWeights.Coordinates(index, resource.Shape)}: expected a finite number, found {FiniteWeights.Text(value)}", new Place(Tensor: resource.Name), "the model is damaged, or its training diverged");
            return false;
        }

        foreach (var values in (float[][])[levels.Step, levels.Middle, levels.ZeroShift])
        {
            if (NotFinite.IndexOf(values) is not (>= 0 and var at))
                continue;
            context.Diagnostics.Add(PipelineDiagnostics.NotFinite, $"the levels of {op.Word(Attributes.Pattern)} {at} are not finite as fp16: its scale or shift passes 65504", new Place(Tensor: op.Get("scale")), "use fidelity=latent");
            return false;
        }

        return true;
    }

    /// <summary>A <c>sign_linear</c> in place of an <c>fbi_linear</c>. Two of one latent weight share their plane.</summary>
    /// <param name="op">The <c>fbi_linear</c>.</param>
    /// <param name="sign">Signs of its latent weight.</param>
    /// <param name="vectors">Vectors by their role.</param>
    /// <param name="resources">Receives plane and vectors, named by the latent weight and the role.</param>
    public static Op Build(Op op, SignTensor sign, IReadOnlyList<(string Role, float[] Values)> vectors, ImmutableSortedDictionary<string, Resource>.Builder resources)
    {
        var prefix = ResourceNames.Prefix(op.Get("latent"));
        var plane = ResourceNames.Add(resources, new Resource(prefix + ".sign", Encoding.Trit, sign.Shape, sign));
        var lowered = new Op(
            OpCode.SignLinear,
            op.Results,
            [Operand.Value("x", op.Get("x")), Operand.Resource("sign", plane)],
            ImmutableDictionary<string, AttributeValue>.Empty);
        foreach (var (role, values) in vectors)
            lowered = lowered.With(Operand.Resource(role, ResourceNames.Add(resources, new Resource($"{prefix}.{role}", MemoryTensor.Vector(values)))));
        return op.Find("bias") is { } bias ? lowered.With(Operand.Resource("bias", bias)) : lowered;
    }
}
