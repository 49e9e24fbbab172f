using System.Collections.Immutable;

namespace BiMamba.Evaluation;

/// <summary>A precision that a part can have.</summary>
/// <param name="Bytes">Bytes that the part takes with it, everything beside the codes included.</param>
/// <param name="Cost">What it costs, for example in nats a token: finite, and added over parts.</param>
public readonly record struct AllocationChoice(long Bytes, double Cost);

/// <summary>A precision for every part.</summary>
/// <param name="Chosen">Index of the choice of every part.</param>
/// <param name="Bytes">Bytes of all parts.</param>
/// <param name="Cost">Sum of the costs, in the order of the parts.</param>
public sealed record Allocation(ImmutableArray<int> Chosen, long Bytes, double Cost);

/// <summary>
/// Chooses a precision for every part of a model so that all fit a number of bytes at the least sum of costs. That the costs
/// of parts add is an assumption of whoever asks. The choice is exact: the multiple-choice knapsack problem by branch and
/// bound, where the bound is its linear relaxation (Sinha and Zoltners, Operations Research 27, 1979).
/// </summary>
public static class BitAllocation
{
    /// <summary>The least bytes that all parts can take.</summary>
    /// <param name="parts">The choices of every part, at least one each.</param>
    public static long LeastBytes(IReadOnlyList<IReadOnlyList<AllocationChoice>> parts) => parts.Sum(choices => choices.Min(choice => choice.Bytes));

    /// <summary>The allocation of least cost that fits; null where none does. Of equal costs the smaller one is taken.</summary>
    /// <param name="parts">The choices of every part, at least one each.</param>
    /// <param name="maxBytes">Most bytes that all parts may take together.</param>
    public static Allocation? Solve(IReadOnlyList<IReadOnlyList<AllocationChoice>> parts, long maxBytes)
    {
        if (LeastBytes(parts) > maxBytes)
            return null;
        var chosen = new AllocationSearch(parts).Run(maxBytes);
        long bytes = 0;
        double cost = 0;
        foreach (var (choices, index) in parts.Zip(chosen))
            (bytes, cost) = (bytes + choices[index].Bytes, cost + choices[index].Cost);
        return new Allocation(chosen, bytes, cost);
    }
}
