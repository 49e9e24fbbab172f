using BiMamba.IR;

namespace BiMamba.Frontend;

/// <summary>
/// The ops of a Mamba-1 mixer: rows of in_proj are x and z. The bias of dt_proj is that of the time step, so the scan
/// takes it. FalconMamba normalizes dt, B and C without weights.
/// </summary>
/// <remarks>Source: arXiv 2312.00752, arXiv 2410.05355, and modules/mamba_simple.py of github.com/state-spaces/mamba.</remarks>
internal static class Mamba1Mixer
{
    /// <summary>Appends the mixer to a block that has the normed <c>%n</c>; returns the value that it adds to the residual.</summary>
    public static string Append(ModuleBuilder module, BlockBuilder block, int layer)
    {
        var d = module.Settings.Dimensions;
        var (inner, state, rank) = (d.Inner!.Value, d.State!.Value, d.Rank!.Value);
        module.Project(block, "p", Handles.InProj, layer, "n");
        block.AddMany(["x", "z"], OpCode.Split, [("x", "p")], (Attributes.Sizes, new AttributeValue.Ints([inner, inner])));
        block.Add(
            "conv",
            OpCode.CausalConv1d,
            [("x", "x"), ("weight", module.Bind(Handles.ConvWeight, layer)), ("bias", module.Bind(Handles.ConvBias, layer))],
            (Attributes.Activation, new AttributeValue.Word("silu")));
        block.Add("q", OpCode.Linear, [("x", "conv"), ("weight", module.Bind(Handles.XProj, layer))]);
        block.AddMany(["dt", "b", "c"], OpCode.Split, [("x", "q")], (Attributes.Sizes, new AttributeValue.Ints([rank, state, state])));
        var (dt, b, c) = (Norm(module, block, "dt"), Norm(module, block, "b"), Norm(module, block, "c"));
        block.Add("delta", OpCode.Linear, [("x", dt), ("weight", module.Bind(Handles.DtProjWeight, layer))]);
        block.Add(
            "y",
            OpCode.SelectiveScan,
            [
                ("x", "conv"), ("dt", "delta"), ("b", b), ("c", c), ("z", "z"),
                ("a_log", module.Bind(Handles.ALog, layer)), ("d", module.Bind(Handles.D, layer)), ("dt_bias", module.Bind(Handles.DtProjBias, layer)),
            ]);
        return module.Project(block, "o", Handles.OutProj, layer, "y");
    }

    private static string Norm(ModuleBuilder module, BlockBuilder block, string value) =>
        module.Settings.MixerEps is { } eps
            ? block.Add(value + "n", OpCode.RmsNorm, [("x", value)], (Attributes.Eps, new AttributeValue.Float(eps)))
            : value;
}
