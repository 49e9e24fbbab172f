namespace BiMamba.Passes.Billm;

/// <summary>Quantiles with linear interpolation, as numpy gives them for fp32 values and fp32 fractions.</summary>
internal static class Quantiles
{
    private const int BucketBits = 16;

    /// <summary>
    /// Quantiles of values that are not negative and not NaN. The place (n - 1) * q is rounded to fp32, which for more than
    /// 2^24 values is coarser than one place; the interpolation between neighbours is in fp64.
    /// </summary>
    /// <param name="values">The values, in any order.</param>
    /// <param name="fractions">Fractions in 0..1.</param>
    public static double[] Linear(float[] values, float[] fractions)
    {
        var places = Array.ConvertAll(fractions, fraction => (float)(values.Length - 1) * fraction);
        var wanted = new List<int>(2 * places.Length);
        foreach (var place in places)
        {
            wanted.Add(Lower(place, values.Length));
            wanted.Add(Math.Min(Lower(place, values.Length) + 1, values.Length - 1));
        }

        var at = OrderStatistics(values, wanted);
        return Array.ConvertAll(places, place =>
        {
            var lower = Lower(place, values.Length);
            var (a, b) = (at[lower], at[Math.Min(lower + 1, values.Length - 1)]);
            double difference = b - a;
            var share = place - (double)lower;
            return share >= 0.5 ? b - (difference * (1 - share)) : a + (difference * share);
        });
    }

    private static int Lower(float place, int count) => (int)Math.Min(MathF.Floor(place), (double)count - 1);

    /// <summary>
    /// The values at places of the sorted order. The bits of floats that are not negative sort as integers do: only the
    /// buckets of their upper 16 bits that hold a wanted place are sorted.
    /// </summary>
    private static Dictionary<int, float> OrderStatistics(float[] values, List<int> places)
    {
        var counts = new int[1 << BucketBits];
        foreach (var value in values)
            counts[Bucket(value)]++;
        var starts = new int[counts.Length + 1];
        for (var bucket = 0; bucket < counts.Length; bucket++)
            starts[bucket + 1] = starts[bucket] + counts[bucket];
        var byBucket = places.Distinct().Order().GroupBy(place => BucketOf(place, starts)).ToArray();
        var members = new List<float>?[counts.Length];
        foreach (var group in byBucket)
            members[group.Key] = new List<float>(counts[group.Key]);
        foreach (var value in values)
            members[Bucket(value)]?.Add(value);
        var result = new Dictionary<int, float>();
        foreach (var group in byBucket)
        {
            var sorted = members[group.Key]!;
            sorted.Sort();
            foreach (var place in group)
                result[place] = sorted[place - starts[group.Key]];
        }

        return result;
    }

    /// <summary>The upper bits; without the sign, which a negative zero has.</summary>
    private static int Bucket(float value) => (int)((BitConverter.SingleToUInt32Bits(value) & int.MaxValue) >> (32 - BucketBits));

    /// <summary>The last bucket that starts at or before a place: empty buckets before it start there too.</summary>
    private static int BucketOf(int place, int[] starts)
    {
        var (low, high) = (0, starts.Length - 1);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = starts[middle] <= place ? (middle, high) : (low, middle);
        }

        return low;
    }
}
