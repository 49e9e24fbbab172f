using System.Collections.Immutable;

namespace BiMamba.IR;

/// <summary>One row of the attribute table.</summary>
/// <param name="Name">The name in IR text.</param>
/// <param name="Kind">The kind of its values.</param>
/// <param name="Summary">What it means.</param>
public sealed record AttributeInfo(string Name, AttributeKind Kind, string Summary)
{
    /// <summary>The words that are allowed, for <see cref="AttributeKind.Word"/>; empty allows any.</summary>
    public ImmutableArray<string> Words { get; init; } = [];
}

/// <summary>The attribute table of the ops.</summary>
public static class Attributes
{
    /// <summary>Added to a mean square before its root.</summary>
    public static readonly AttributeInfo Eps = new("eps", AttributeKind.Float, "added to the mean square before the root");

    /// <summary>Columns that are normalized together.</summary>
    public static readonly AttributeInfo NormGroupSize = new("group_size", AttributeKind.Int, "columns that are normalized together");

    /// <summary>True where the norm comes before the gate.</summary>
    public static readonly AttributeInfo NormBeforeGate = new("norm_before_gate", AttributeKind.Bool, "true where the norm comes before the gate");

    /// <summary>Widths of the parts.</summary>
    public static readonly AttributeInfo Sizes = new("sizes", AttributeKind.Ints, "widths of the parts, in order");

    /// <summary>Activation after a convolution.</summary>
    public static readonly AttributeInfo Activation = new("act", AttributeKind.Word, "activation of the result") { Words = ["none", "silu"] };

    /// <summary>Heads of the scan.</summary>
    public static readonly AttributeInfo Heads = new("heads", AttributeKind.Int, "heads of the scan");

    /// <summary>Groups that share B and C.</summary>
    public static readonly AttributeInfo Groups = new("groups", AttributeKind.Int, "groups of heads that share B and C");

    /// <summary>Lower bound of the time step.</summary>
    public static readonly AttributeInfo DtMin = new("dt_min", AttributeKind.Float, "lower bound of the time step after softplus");

    /// <summary>Upper bound of the time step.</summary>
    public static readonly AttributeInfo DtMax = new("dt_max", AttributeKind.Float, "upper bound of the time step after softplus");

    /// <summary>How scale and shift of an FBI-Linear spread over its weight.</summary>
    public static readonly AttributeInfo Pattern = new("pattern", AttributeKind.Word, "how scale and shift spread over the weight") { Words = ["column", "row", "single"] };

    /// <summary>What the weight of an FBI-Linear is exactly.</summary>
    public static readonly AttributeInfo Fidelity = new("fidelity", AttributeKind.Word, "latent: scale * sign(latent) + shift in fp32; official-fp16: every step rounded to fp16") { Words = ["latent", "official-fp16"] };

    /// <summary>Bits of a code.</summary>
    public static readonly AttributeInfo CodeBits = new("bits", AttributeKind.Int, "bits of a code, 1 to 8");

    /// <summary>Columns of a code_linear that share a scale and a zero.</summary>
    public static readonly AttributeInfo CodeGroup = new("group", AttributeKind.Int, "columns that share a scale and a zero; 0 for the whole row");

    /// <summary>Columns of a block of BiLLM.</summary>
    public static readonly AttributeInfo BraqBlock = new("block", AttributeKind.Int, "columns that share their scales and means");

    /// <summary>Columns that share a scale.</summary>
    public static readonly AttributeInfo ScaleGroup = new("group", AttributeKind.Int, "columns that share a scale; 0 where there is no scale");
}
