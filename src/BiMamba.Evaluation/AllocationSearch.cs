using System.Collections.Immutable;

namespace BiMamba.Evaluation;

/// <summary>Branch and bound over the choices of parts, depth first, the most promising choice ahead.</summary>
internal sealed class AllocationSearch
{
    // Sums in another order differ by rounding: only what is worse by more than that is cut off.
    private const double Rounding = 1e-12;

    private readonly int parts;
    private readonly ImmutableArray<Level> levels;
    private readonly int[] current;
    private ImmutableArray<int> best;
    private double bestCost = double.PositiveInfinity;
    private long bestBytes = long.MaxValue;

    /// <summary>A search over the choices of every part.</summary>
    public AllocationSearch(IReadOnlyList<IReadOnlyList<AllocationChoice>> parts)
    {
        this.parts = parts.Count;
        current = new int[parts.Count];
        best = [.. current];
        // Parts with the most at stake come first: their bounds cut off most.
        var useful = parts.Select((choices, part) => (Part: part, Choices: Useful(choices)))
            .OrderByDescending(row => row.Choices[0].Choice.Cost - row.Choices[^1].Choice.Cost).ThenBy(row => row.Part).ToList();
        levels = [.. useful.Select((row, depth) => new Level(row.Part, row.Choices, Relaxation.Of(useful.Skip(depth + 1).Select(rest => rest.Choices))))];
    }

    /// <summary>The index of the choice of every part; the least choices fit.</summary>
    public ImmutableArray<int> Run(long maxBytes)
    {
        Descend(0, maxBytes, 0, 0);
        return best;
    }

    private void Descend(int depth, long left, long bytes, double cost)
    {
        if (depth == parts)
        {
            if (cost < bestCost || (cost <= bestCost && bytes < bestBytes))
                (best, bestCost, bestBytes) = ([.. current], cost, bytes);
            return;
        }

        var level = levels[depth];
        var open = level.Choices
            .Select(row => (row.Index, row.Choice, Bound: cost + row.Choice.Cost + level.Rest.Bound(left - row.Choice.Bytes)))
            .Where(row => double.IsFinite(row.Bound)).OrderBy(row => row.Bound).ThenBy(row => row.Choice.Bytes);
        foreach (var (index, choice, bound) in open)
        {
            if (bound > bestCost + (Rounding * Math.Abs(bestCost)))
                return;
            current[level.Part] = index;
            Descend(depth + 1, left - choice.Bytes, bytes + choice.Bytes, cost + choice.Cost);
        }
    }

    /// <summary>The choices, from few bytes to many, without those that cost no less than a smaller one.</summary>
    private static ImmutableArray<(int Index, AllocationChoice Choice)> Useful(IReadOnlyList<AllocationChoice> choices)
    {
        var kept = ImmutableArray.CreateBuilder<(int Index, AllocationChoice Choice)>();
        foreach (var row in choices.Select((choice, index) => (Index: index, Choice: choice)).OrderBy(row => row.Choice.Bytes).ThenBy(row => row.Choice.Cost))
        {
            if (kept.Count == 0 || row.Choice.Cost < kept[^1].Choice.Cost)
                kept.Add(row);
        }

        return kept.ToImmutable();
    }

    /// <summary>A part, its choices, and the relaxation of the parts behind it.</summary>
    private sealed record Level(int Part, ImmutableArray<(int Index, AllocationChoice Choice)> Choices, Relaxation Rest);

    /// <summary>Parts whose choices may be mixed: what they cost at least in a number of bytes.</summary>
    /// <param name="Bytes">Bytes of the smallest choices.</param>
    /// <param name="Cost">Cost of these.</param>
    /// <param name="Steps">Steps along the lower convex hulls from them on, those that save most a byte first.</param>
    private sealed record Relaxation(long Bytes, double Cost, ImmutableArray<(long Bytes, double Saving)> Steps)
    {
        public static Relaxation Of(IEnumerable<ImmutableArray<(int Index, AllocationChoice Choice)>> parts)
        {
            var all = parts.ToList();
            var steps = all.SelectMany(Hull).OrderByDescending(step => step.Saving / step.Bytes);
            return new Relaxation(all.Sum(part => part[0].Choice.Bytes), all.Sum(part => part[0].Choice.Cost), [.. steps]);
        }

        /// <summary>The least cost; infinity where the smallest choices do not fit.</summary>
        public double Bound(long maxBytes)
        {
            var left = maxBytes - Bytes;
            if (left < 0)
                return double.PositiveInfinity;
            var cost = Cost;
            foreach (var (bytes, saving) in Steps)
            {
                if (bytes > left)
                    return cost - (saving * left / bytes);
                (left, cost) = (left - bytes, cost - saving);
            }

            return cost;
        }

        private static List<(long Bytes, double Saving)> Hull(ImmutableArray<(int Index, AllocationChoice Choice)> choices)
        {
            var hull = new List<AllocationChoice>();
            foreach (var (_, choice) in choices)
            {
                while (hull.Count > 1 && Slope(hull[^2], choice) >= Slope(hull[^2], hull[^1]))
                    hull.RemoveAt(hull.Count - 1);
                hull.Add(choice);
            }

            return [.. hull.Zip(hull.Skip(1), (from, to) => (to.Bytes - from.Bytes, from.Cost - to.Cost))];
        }

        /// <summary>What a byte saves between two choices.</summary>
        private static double Slope(AllocationChoice from, AllocationChoice to) => (from.Cost - to.Cost) / (to.Bytes - from.Bytes);
    }
}
