using BiMamba.Formats.Spec;

namespace BiMamba.Formats.Bimb;

/// <summary>The description of <c>.bimb</c> files.</summary>
public static class BimbFormat
{
    /// <summary>File extension.</summary>
    public static string Extension => FormatTable.Bimb.Extension;

    /// <summary>The parsed <c>bimb.spec</c>.</summary>
    public static SpecFormat Spec => FormatTable.Bimb.Spec;

    /// <summary>The constant of a name.</summary>
    internal static long Constant(string name) =>
        Spec.FindConstant(name)?.Value ?? throw new InvalidOperationException($"bimb.spec has no constant '{name}'");
}
