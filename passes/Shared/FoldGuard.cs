namespace BiMamba.Passes.Shared;

/// <summary>What stands against keeping a number that a pass computed: numbers that lost their digits are never folded.</summary>
public static class FoldGuard
{
    /// <summary>Why a computed number is not good enough, or null where it is.</summary>
    /// <param name="what">What was computed.</param>
    /// <param name="value">The number, rounded to fp32.</param>
    /// <param name="isNonzero">True where the exact number is not 0.</param>
    public static string? Reject(string what, float value, bool isNonzero)
    {
        if (!float.IsFinite(value))
            return $"{what} is {value:R}";
        return (isNonzero && value == 0) || float.IsSubnormal(value) ? $"{what} underflows to {value:R}" : null;
    }
}
