using System.Globalization;

namespace BiMamba.Passes.Canonicalize;

/// <summary>How often each rule was applied.</summary>
internal sealed class CanonicalCounts
{
    /// <summary>Splits that became part of the split before them.</summary>
    public int MergedSplits { get; set; }

    /// <summary>Splits into one part, and scales of ones.</summary>
    public int Identities { get; set; }

    /// <summary>Optional operands that multiply by one, add zero or name no element.</summary>
    public int Operands { get; set; }

    /// <summary>Ops that nobody read.</summary>
    public int DeadOps { get; set; }

    /// <summary>Resources that no op names any more.</summary>
    public int Resources { get; set; }

    /// <summary>All changes of ops.</summary>
    public int Changes => MergedSplits + Identities + Operands + DeadOps;

    /// <summary>What was done, in words.</summary>
    public override string ToString()
    {
        (int Count, string What)[] all =
        [
            (MergedSplits, "splits merged"), (Identities, "identities removed"), (Operands, "operands without effect removed"),
            (DeadOps, "unread ops removed"), (Resources, "resources removed"),
        ];
        var done = all.Where(row => row.Count > 0).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Count} {row.What}")).ToList();
        return done.Count == 0 ? "nothing to do" : string.Join(", ", done);
    }
}
