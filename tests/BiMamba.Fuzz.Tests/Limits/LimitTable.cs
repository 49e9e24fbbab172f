namespace BiMamba.Fuzz.Tests.Limits;

/// <summary>Every limit of what is read, in the order of docs/SECURITY.md. A test breaks each of them.</summary>
internal static class LimitTable
{
    /// <summary>All rows.</summary>
    public static IReadOnlyList<LimitRow> All { get; } = [.. TensorLimits.All, .. SpecLimits.All, .. TextLimits.All, .. JsonLimits.All];
}
