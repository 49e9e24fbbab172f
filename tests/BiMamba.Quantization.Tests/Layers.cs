using System.Text.Json;

namespace BiMamba.Quantization;

/// <summary>The layers of the oracles, and what a variant's metadata says.</summary>
internal static class Layers
{
    public static string[] Names { get; } =
    [
        "dead_64x192", "degenerate_56x192", "half_80x192", "lowtok_64x192", "medium_192x384",
        "narrow_64x290", "ragged_112x328", "small_96x256", "ties_48x128", "tiny_48x64",
    ];

    public static TheoryData<string> Theory => [.. Names];

    public static ParallelOptions Threads(int count) => new() { MaxDegreeOfParallelism = count };

    /// <summary>The variants of a gptq file whose name begins with a prefix.</summary>
    public static IEnumerable<JsonProperty> Variants(Oracle oracle, string prefix) =>
        oracle.Metadata("variants").EnumerateObject().Where(variant => variant.Name.StartsWith(prefix, StringComparison.Ordinal));

    public static bool Flag(JsonElement settings, string name) => settings.TryGetProperty(name, out var value) && value.GetBoolean();

    public static bool PerTensor(JsonElement settings) => settings.TryGetProperty("perchannel", out var value) && !value.GetBoolean();

    /// <summary>Columns of a group, 0 for the whole row.</summary>
    public static int Group(JsonElement settings) => Math.Max(0, settings.GetProperty("groupsize").GetInt32());

    /// <summary>The number of rows of which an element differs.</summary>
    public static int RowsThatDiffer(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, int columns)
    {
        Assert.Equal(expected.Length, actual.Length);
        var count = 0;
        for (var first = 0; first < expected.Length; first += columns)
            count += expected.Slice(first, columns).SequenceEqual(actual.Slice(first, columns)) ? 0 : 1;
        return count;
    }

    /// <summary>The greatest of |actual - expected| / |expected|.</summary>
    public static double RelativeError(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var greatest = 0.0;
        for (var i = 0; i < expected.Length; i++)
            greatest = Math.Max(greatest, Math.Abs(((double)actual[i] - expected[i]) / expected[i]));
        return greatest;
    }

    /// <summary>The greatest of |actual - expected|, over the greatest of |expected|.</summary>
    public static double ErrorOfMax(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double error = 0, greatest = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            error = Math.Max(error, Math.Abs((double)actual[i] - expected[i]));
            greatest = Math.Max(greatest, Math.Abs(expected[i]));
        }

        return error / greatest;
    }
}
