namespace BiMamba.Evaluation.Tests;

/// <summary>The choice of a precision for every part, against all choices there are.</summary>
public sealed class BitAllocationTests
{
    private static readonly AllocationChoice[] Small = [new(10, 5), new(20, 2), new(40, 1)];

    private static readonly AllocationChoice[] Large = [new(100, 3), new(200, 1), new(400, 0.5)];

    [Theory]
    [InlineData(110, 0, 0)]
    [InlineData(119, 0, 0)]
    [InlineData(120, 1, 0)]
    [InlineData(140, 2, 0)]
    [InlineData(209, 2, 0)]
    [InlineData(220, 1, 1)]
    [InlineData(240, 2, 1)]
    [InlineData(440, 2, 2)]
    [InlineData(long.MaxValue, 2, 2)]
    public void The_budget_decides(long budget, int small, int large)
    {
        var found = BitAllocation.Solve([Small, Large], budget)!;
        Assert.Equal([small, large], found.Chosen);
        Assert.Equal(Small[small].Bytes + Large[large].Bytes, found.Bytes);
        Assert.Equal(Small[small].Cost + Large[large].Cost, found.Cost);
    }

    [Fact]
    public void What_no_choice_fits_is_refused()
    {
        Assert.Equal(110, BitAllocation.LeastBytes([Small, Large]));
        Assert.Null(BitAllocation.Solve([Small, Large], 109));
        Assert.Equal(0, BitAllocation.Solve([], 0)!.Cost);
    }

    [Fact]
    public void More_bytes_that_cost_no_less_are_never_chosen()
    {
        AllocationChoice[] noisy = [new(40, 2), new(10, 1), new(20, 1), new(10, 3)];
        Assert.Equal([1], BitAllocation.Solve([noisy], 1000)!.Chosen);
        Assert.Equal([1, 1], BitAllocation.Solve([noisy, noisy], 20)!.Chosen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_is_the_best_of_all_choices(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 150; round++)
        {
            var parts = Parts(random, random.Next(1, 6), 5);
            var (least, most) = (BitAllocation.LeastBytes(parts), parts.Sum(part => part.Max(choice => choice.Bytes)));
            var budget = random.NextInt64(least - 1, most + 2);
            var (best, found) = (BruteForce(parts, 0, budget), BitAllocation.Solve(parts, budget));
            Assert.Equal(best is null, found is null);
            if (found is null)
                continue;
            Assert.Equal(best!.Value, found.Cost, 1e-9 * Math.Max(1, Math.Abs(best.Value)));
            Assert.InRange(found.Bytes, least, budget);
            Assert.Equal(found.Bytes, parts.Select((part, i) => part[found.Chosen[i]].Bytes).Sum());
            Assert.Equal(found.Cost, parts.Select((part, i) => part[found.Chosen[i]].Cost).Sum());
        }
    }

    /// <summary>Costs as they are measured, over parts of very different sizes: they fall about fourfold with every bit.</summary>
    [Fact]
    public void Twenty_parts_of_eight_choices_are_quick()
    {
        var random = new Random(4);
        var parts = Enumerable.Range(0, 20).Select(_ =>
        {
            var (weights, scale) = ((long)Math.Exp(random.NextDouble() * 10) * 1000, Math.Exp(random.NextDouble() * 10));
            return (IReadOnlyList<AllocationChoice>)[.. Enumerable.Range(1, 8).Select(bits => new AllocationChoice(weights * bits / 8, scale * Math.Pow(4, -bits) * (0.8 + (0.4 * random.NextDouble()))))];
        }).ToList();
        var weights = parts.Sum(part => part[^1].Bytes);
        double last = double.PositiveInfinity;
        foreach (var bits in (double[])[1.01, 1.5, 2, 2.5, 3, 3.5, 4.5, 6, 8])
        {
            var found = BitAllocation.Solve(parts, (long)(weights * bits / 8))!;
            Assert.Equal(found.Chosen, BitAllocation.Solve(parts, (long)(weights * bits / 8))!.Chosen);
            Assert.True(found.Cost < last);
            last = found.Cost;
        }
    }

    private static List<IReadOnlyList<AllocationChoice>> Parts(Random random, int count, int most) =>
        [.. Enumerable.Range(0, count).Select(_ => (IReadOnlyList<AllocationChoice>)[.. Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => new AllocationChoice(random.Next(1, 60), random.Next(0, 40) * (random.Next(2) == 0 ? 1 : random.NextDouble())))])];

    private static double? BruteForce(List<IReadOnlyList<AllocationChoice>> parts, int part, long budget)
    {
        if (part == parts.Count)
            return 0;
        double? best = null;
        foreach (var choice in parts[part].Where(choice => choice.Bytes <= budget))
        {
            if (BruteForce(parts, part + 1, budget - choice.Bytes) is { } rest && !(best <= choice.Cost + rest))
                best = choice.Cost + rest;
        }

        return best;
    }
}
