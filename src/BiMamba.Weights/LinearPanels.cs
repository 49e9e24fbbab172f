using BiMamba.IR;

namespace BiMamba.Weights;

/// <summary>The weight of an op as rows of floats.</summary>
public static class LinearPanels
{
    /// <summary>True for the ops that have a weight matrix: linears, the embedding and the head.</summary>
    public static bool Has(Op op) => op.Code is OpCode.Linear or OpCode.FbiLinear or OpCode.SignLinear or OpCode.CodeLinear or OpCode.BraqLinear or OpCode.Embedding or OpCode.LmHead;

    /// <summary>The rows of an op that <see cref="Has"/> a weight; those of a <c>code_linear</c> are in the order of its positions.</summary>
    public static PanelSource Of(Op op, Module module) => op.Code switch
    {
        OpCode.Linear => new FloatPanels(module.Resources[op.Get("weight")].Data),
        OpCode.FbiLinear => new FbiPanels(op, module.Resources[op.Get("latent")], module.Resources[op.Get("scale")], module.Resources[op.Get("shift")]),
        OpCode.SignLinear => new SignLinearPanels(op, module),
        OpCode.CodeLinear => new CodeLinearPanels(op, module),
        OpCode.BraqLinear => new BraqPanels(op, module),
        OpCode.Embedding or OpCode.LmHead => op.Find("scale") is { } scale
            ? new CodePanels(module.Resources[op.Get("weight")], module.Resources[scale].Data, op.Int(Attributes.ScaleGroup))
            : new FloatPanels(module.Resources[op.Get("weight")].Data),
        _ => throw new InvalidOperationException($"{op.Info.Name} has no weight matrix"),
    };
}
