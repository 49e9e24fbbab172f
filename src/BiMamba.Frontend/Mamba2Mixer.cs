using BiMamba.IR;

namespace BiMamba.Frontend;

/// <summary>The ops of a Mamba-2 mixer: rows of in_proj are z, x, B, C and dt; the convolution runs over x, B and C.</summary>
/// <remarks>Source: arXiv 2405.21060, and modules/mamba2.py of github.com/state-spaces/mamba.</remarks>
internal static class Mamba2Mixer
{
    /// <summary>Appends the mixer to a block that has the normed <c>%n</c>; returns the value that it adds to the residual.</summary>
    public static string Append(ModuleBuilder module, BlockBuilder block, int layer)
    {
        var settings = module.Settings;
        var d = settings.Dimensions;
        var (inner, conv, heads) = (d.Inner!.Value, d.Conv!.Value, d.Heads!.Value);
        var state = (conv - inner) / 2;
        module.Project(block, "p", Handles.InProj, layer, "n");
        block.AddMany(["z", "xbc", "dt"], OpCode.Split, [("x", "p")], (Attributes.Sizes, new AttributeValue.Ints([inner, conv, heads])));
        block.Add(
            "conv",
            OpCode.CausalConv1d,
            [("x", "xbc"), ("weight", module.Bind(Handles.ConvWeight, layer)), ("bias", module.Bind(Handles.ConvBias, layer))],
            (Attributes.Activation, new AttributeValue.Word("silu")));
        block.AddMany(["x", "b", "c"], OpCode.Split, [("x", "conv")], (Attributes.Sizes, new AttributeValue.Ints([inner, state, state])));
        block.Add(
            "y",
            OpCode.SsdScan,
            [
                ("x", "x"), ("dt", "dt"), ("b", "b"), ("c", "c"),
                ("a_log", module.Bind(Handles.ALog, layer)), ("d", module.Bind(Handles.D, layer)), ("dt_bias", module.Bind(Handles.DtBias, layer)),
            ],
            (Attributes.Heads, new AttributeValue.Int(heads)),
            (Attributes.Groups, new AttributeValue.Int(d.Groups)),
            (Attributes.DtMin, new AttributeValue.Float(settings.TimeStep.Low)),
            (Attributes.DtMax, new AttributeValue.Float(settings.TimeStep.High)));
        block.Add(
            "g",
            OpCode.GatedRmsNorm,
            [("x", "y"), ("z", "z"), ("weight", module.Bind(Handles.GateNorm, layer))],
            (Attributes.Eps, new AttributeValue.Float(settings.Eps)),
            (Attributes.NormGroupSize, new AttributeValue.Int(settings.NormGroupSize)),
            (Attributes.NormBeforeGate, new AttributeValue.Bool(settings.NormBeforeGate)));
        return module.Project(block, "o", Handles.OutProj, layer, "g");
    }
}
