using BiMamba.Diagnostics;

namespace BiMamba.Models;

/// <summary>Every ordered pair of passes that keep the level, before, between and behind those that do not.</summary>
public class OrderTests(ITestOutputHelper output)
{
    /// <summary>As for fold-fbi alone: what a factor in a norm's weight rounds once more.</summary>
    private const double Folded = 2e-4;

    /// <summary>
    /// Passes that keep the level, and how much of the largest logit each may move: as in <see cref="RewriteTests.Casts"/>,
    /// and a code of 8 bits, off by 1/254 of its group's largest weight at most, no more than bf16.
    /// </summary>
    private static readonly (string Pass, double Bound)[] Keeping =
    [
        ("rename{map=[[\"*\", \"x.*\"]]}", 0), ("canonicalize", 0), ("fuse", 0), ("tie-weights{all=true}", 0), ("untie", 0),
        ("cast{dtype=f16, vectors=true}", 2e-3), ("cast{dtype=f32, vectors=true}", 0), ("quantize-embedding", 2e-2),
    ];

    /// <summary>Model, and the stages that change its level.</summary>
    public static TheoryData<string, string[]> Lowerings => new()
    {
        { "tiny-bimamba-official", ["fold-fbi", "pack"] },
        { "tiny-bimamba-official", ["pack"] },
        { "tiny-mamba2-hf", ["pack"] },
    };

    [Theory]
    [MemberData(nameof(Lowerings))]
    public void A_pair_of_passes_gives_the_same_logits_wherever_it_stands(string folder, string[] lowering)
    {
        using var model = Models.Import(Models.Checkpoint(folder));
        var ids = Enumerable.Range(0, 24).Select(i => ((i * 37) + 11) % model.Module.VocabularyRows).ToArray();
        var expected = Models.Logits(Models.Apply(model.Module, string.Join(" | ", lowering)), ids);
        var largest = expected.Max(value => Math.Abs((double)value));
        var (broken, worst) = (new List<string>(), 0.0);
        foreach (var (first, second) in Keeping.SelectMany(first => Keeping.Select(second => (first, second))))
        {
            // Codes have no codes.
            if (first.Pass == second.Pass && first.Pass == "quantize-embedding")
                continue;
            var bound = Folded + ((first.Bound + second.Bound) * largest);
            foreach (var pipeline in Placements(lowering, first.Pass, second.Pass))
            {
                var difference = Models.MaxDifference(expected, Models.Logits(Models.Apply(model.Module, pipeline, new DiagnosticBag()), ids));
                worst = Math.Max(worst, difference / bound);
                if (!(difference <= bound))
                    broken.Add($"{pipeline}: {difference:E2}, bound {bound:E2}");
            }
        }

        output.WriteLine($"largest logit {largest:0.0}, largest share of a bound {worst:0.00}");
        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    /// <summary>The lowering with the first pass at every place and the second at every place that is not before it.</summary>
    private static IEnumerable<string> Placements(string[] lowering, string first, string second) =>
        from i in Enumerable.Range(0, lowering.Length + 1)
        from j in Enumerable.Range(i, lowering.Length + 1 - i)
        select string.Join(" | ", [.. lowering[..i], first, .. lowering[i..j], second, .. lowering[j..]]);
}
