using BiMamba.Passes.Billm;

namespace BiMamba.Quantization;

/// <summary>The fast searches of BiLLM against the same written out, and their quantiles against sorting.</summary>
public sealed class BillmSearchTests
{
    private const int Rows = 37;
    private const int Columns = 61;
    private static readonly ParallelOptions options = new() { MaxDegreeOfParallelism = 2 };

    [Theory]
    [InlineData(SalientMetric.Hessian, 1, false)]
    [InlineData(SalientMetric.Hessian, 2, true)]
    [InlineData(SalientMetric.Magnitude, 3, false)]
    [InlineData(SalientMetric.Magnitude, 4, true)]
    public void Both_choices_are_those_of_errors_computed_directly(SalientMetric metric, int seed, bool grid)
    {
        var (tile, sums) = Tile(metric, seed, grid);
        var order = SalientSearch.Rank(sums);
        var limit = Math.Min(50, Columns);
        var count = SalientSearch.Count(tile, Rows, order, limit, options);
        var errors = Enumerable.Range(1, limit - 1).Select(tried => PrefixError(tile, order, tried)).ToArray();
        AssertFirstLeast(errors, count - 1);
        Assert.True(sums[order[0]] >= sums[order[^1]]);

        var salient = Enumerable.Range(0, Columns).Select(j => order.AsSpan(0, count).Contains(j)).ToArray();
        var border = BorderSearch.Find(tile, Rows, salient, options);
        var magnitudes = Enumerable.Range(0, Rows * Columns).Select(at => salient[at % Columns] ? 0 : (float)Math.Abs(tile.At(at / Columns, at % Columns))).ToArray();
        var fractions = Enumerable.Range(10, 81).Select(percent => percent / 100f).ToArray();
        var borders = Quantiles.Linear(magnitudes, fractions);
        var borderErrors = borders.Select(candidate => BorderError(tile, salient, (float)candidate)).ToArray();
        // Fractions counted from either end differ by an ulp, and so do the quantiles.
        var chosen = Array.FindIndex(borders, candidate => Math.Abs(candidate - border) <= 1e-5 * Math.Abs(border));
        AssertFirstLeast(borderErrors, chosen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    [InlineData(4097)]
    public void Quantiles_lie_between_neighbours_of_the_sorted_order(int count)
    {
        var random = new Random(count);
        var values = Enumerable.Range(0, count).Select(i => i % 3 == 0 ? 0 : (float)Math.Exp(random.NextDouble() * 20)).ToArray();
        var sorted = values.Order().ToArray();
        float[] fractions = [0, 0.1f, 1f / 3, 0.5f, 0.9f, 1];
        var quantiles = Quantiles.Linear(values, fractions);
        for (var i = 0; i < fractions.Length; i++)
        {
            var place = (float)(count - 1) * fractions[i];
            var (a, b) = (sorted[(int)place], sorted[Math.Min((int)place + 1, count - 1)]);
            Assert.Equal(a + ((b - (double)a) * (place - Math.Floor(place))), quantiles[i], 1e-6 * b);
        }

        Assert.Equal(sorted[0], quantiles[0]);
        Assert.Equal(sorted[^1], quantiles[^1]);
    }

    private static (MetricTile Tile, double[] Sums) Tile(SalientMetric metric, int seed, bool grid)
    {
        var random = new Random(seed);
        var weight = Enumerable.Range(0, Rows * Columns).Select(at =>
        {
            var value = (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * (at % Columns % 20 == 7 ? 4 : 1);
            return grid ? (float)(Math.Round(value * 8) / 8) : (float)value;
        }).ToArray();
        var diagonal = Enumerable.Range(0, Columns).Select(j => 0.5f + (j % 5 / 8f)).ToArray();
        var tile = new MetricTile(Rows, Columns);
        return (tile, tile.Fill(weight, Columns, 0, Columns, diagonal, metric, options));
    }

    private static double PrefixError(MetricTile tile, int[] order, int count) => Enumerable.Range(0, Rows).Sum(row =>
        Error(order[..count].Select(j => tile.At(row, j)), 2) + Error(order[count..].Select(j => tile.At(row, j)), 2));

    private static double BorderError(MetricTile tile, bool[] salient, float border) => Enumerable.Range(0, Rows).Sum(row =>
    {
        var values = Enumerable.Range(0, Columns).Where(j => !salient[j]).Select(j => tile.At(row, j)).ToArray();
        return Error(values.Where(value => Math.Abs(value) < border), 1) + Error(values.Where(value => Math.Abs(value) >= border), 1);
    });

    /// <summary>What some orders of binarization leave of a sum of squares.</summary>
    private static double Error(IEnumerable<double> values, int orders)
    {
        var residual = values.ToArray();
        for (var i = 0; i < orders; i++)
            ResidualBinarization.Step(residual, new sbyte[residual.Length]);
        return residual.Sum(value => value * value);
    }

    private static void AssertFirstLeast(double[] errors, int chosen)
    {
        Assert.InRange(chosen, 0, errors.Length - 1);
        var least = errors.Min();
        Assert.Equal(least, errors[chosen], 1e-9 * least);
        Assert.DoesNotContain(errors.Take(chosen), error => error < least * (1 - 1e-9));
    }
}
