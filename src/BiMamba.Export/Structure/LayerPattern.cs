using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Export.Structure;

/// <summary>One op of a layer: its part, what it may be, what it reads and what it gives, by names that hold in the pattern.</summary>
internal sealed record PatternStep(string Part, ImmutableArray<OpCode> Codes, ImmutableArray<(string Role, string Value)> Reads, ImmutableArray<string> Gives);

/// <summary>The ops of the layers that other programs know, in the order of data flow.</summary>
internal static class LayerPattern
{
    /// <summary>The name of the residual that a layer takes.</summary>
    public const string Residual = "r";

    private static readonly ImmutableArray<OpCode> Linears = [OpCode.Linear, OpCode.FbiLinear, OpCode.SignLinear, OpCode.CodeLinear, OpCode.BraqLinear];

    /// <summary>Mamba-2.</summary>
    public static ImmutableArray<PatternStep> Mamba2 { get; } =
    [
        Step(Parts.Norm, OpCode.RmsNorm, "n", ("x", Residual)),
        new(Parts.InProj, Linears, [("x", "n")], ["p"]),
        new("split", [OpCode.Split], [("x", "p")], ["z", "xbc", "dt"]),
        Step(Parts.Conv, OpCode.CausalConv1d, "conv", ("x", "xbc")),
        new("parts", [OpCode.Split], [("x", "conv")], ["x", "b", "c"]),
        Step(Parts.Scan, OpCode.SsdScan, "y", ("x", "x"), ("dt", "dt"), ("b", "b"), ("c", "c")),
        Step(Parts.GateNorm, OpCode.GatedRmsNorm, "g", ("x", "y"), ("z", "z")),
        new(Parts.OutProj, Linears, [("x", "g")], ["o"]),
        Step("add", OpCode.Add, "s", ("a", Residual), ("b", "o")),
    ];

    /// <summary>Mamba-1.</summary>
    public static ImmutableArray<PatternStep> Mamba1 { get; } = [.. Mamba1Head, .. Mamba1Tail("dt", "b", "c")];

    /// <summary>FalconMamba, which norms dt, B and C.</summary>
    public static ImmutableArray<PatternStep> FalconMamba { get; } =
    [
        .. Mamba1Head,
        Step(Parts.DtNorm, OpCode.RmsNorm, "dtn", ("x", "dt")),
        Step("b_norm", OpCode.RmsNorm, "bn", ("x", "b")),
        Step("c_norm", OpCode.RmsNorm, "cn", ("x", "c")),
        .. Mamba1Tail("dtn", "bn", "cn"),
    ];

    private static ImmutableArray<PatternStep> Mamba1Head =>
    [
        Step(Parts.Norm, OpCode.RmsNorm, "n", ("x", Residual)),
        new(Parts.InProj, Linears, [("x", "n")], ["p"]),
        new("split", [OpCode.Split], [("x", "p")], ["x", "z"]),
        Step(Parts.Conv, OpCode.CausalConv1d, "conv", ("x", "x")),
        new(Parts.XProj, Linears, [("x", "conv")], ["q"]),
        new("parts", [OpCode.Split], [("x", "q")], ["dt", "b", "c"]),
    ];

    private static ImmutableArray<PatternStep> Mamba1Tail(string dt, string b, string c) =>
    [
        new(Parts.DtProj, Linears, [("x", dt)], ["delta"]),
        Step(Parts.Scan, OpCode.SelectiveScan, "y", ("x", "conv"), ("dt", "delta"), ("b", b), ("c", c), ("z", "z")),
        new(Parts.OutProj, Linears, [("x", "y")], ["o"]),
        Step("add", OpCode.Add, "s", ("a", Residual), ("b", "o")),
    ];

    private static PatternStep Step(string part, OpCode code, string gives, params ImmutableArray<(string, string)> reads) => new(part, [code], reads, [gives]);
}

/// <summary>Parts of a layer that have weights.</summary>
internal static class Parts
{
    /// <summary>The norm before the layer.</summary>
    public const string Norm = "norm";

    /// <summary>The input projection.</summary>
    public const string InProj = "in_proj";

    /// <summary>The convolution.</summary>
    public const string Conv = "conv";

    /// <summary>The scan.</summary>
    public const string Scan = "scan";

    /// <summary>The gated norm of Mamba-2.</summary>
    public const string GateNorm = "gate_norm";

    /// <summary>The output projection.</summary>
    public const string OutProj = "out_proj";

    /// <summary>The projection of Mamba-1 to dt, B and C.</summary>
    public const string XProj = "x_proj";

    /// <summary>The projection of Mamba-1 from the rank of the time step.</summary>
    public const string DtProj = "dt_proj";

    /// <summary>The norm of the time step of FalconMamba, which stands for its three norms.</summary>
    public const string DtNorm = "dt_norm";
}
