using BiMamba.IR;
using BiMamba.IR.Tests;
using BiMamba.Text;
using Sprache;

namespace BiMamba.FileTests.Ir;

/// <summary>
/// How the numbers of a resource are made, the same on every machine: <c>normal seed 7 scale 0.5</c>,
/// <c>signs seed 3</c>, <c>ones</c>, <c>zeros</c>, <c>count</c> (0, 1, 2, ...) or <c>values [1, 2, 3]</c>.
/// </summary>
/// <param name="Kind">The first word.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Scale">What the numbers are multiplied by.</param>
/// <param name="Values">The given numbers.</param>
internal sealed record WeightRecipe(string Kind, long Seed, double Scale, IReadOnlyList<double> Values)
{
    private static readonly Parser<double> Number = Lexer.Float.Or(Lexer.Integer.Select(value => (double)value));

    private static readonly Parser<long> SeedText =
        from word in Lexer.Keyword("seed")
        from value in Lexer.Integer
        select value;

    private static readonly Parser<double> ScaleText =
        from word in Lexer.Keyword("scale")
        from value in Number
        select value;

    private static readonly Parser<WeightRecipe> Drawn =
        from kind in Lexer.OneOf("normal", "signs")
        from seed in SeedText
        from scale in ScaleText.Optional()
        select new WeightRecipe(kind, seed, scale.IsDefined ? scale.Get() : 1, []);

    private static readonly Parser<WeightRecipe> Given =
        from word in Lexer.Keyword("values")
        from open in Lexer.Symbol("[")
        from values in Lexer.Separated(Number)
        from close in Lexer.Symbol("]")
        select new WeightRecipe(word, 0, 1, values);

    /// <summary>The grammar of a recipe.</summary>
    public static readonly Parser<WeightRecipe> Grammar =
        Drawn.Or(Given).Or(Lexer.OneOf("ones", "zeros", "count").Select(kind => new WeightRecipe(kind, 0, 1, [])));

    /// <summary>The grammar of a recipe for one resource: <c>@name = recipe</c>.</summary>
    public static readonly Parser<KeyValuePair<string, WeightRecipe>> Named =
        from name in Lexer.SigilName('@')
        from assign in Lexer.Symbol("=")
        from recipe in Grammar
        select KeyValuePair.Create(name, recipe);

    /// <summary>The numbers of a resource in row-major order; null where the given ones are of another count.</summary>
    public double[]? Numbers(Resource declared)
    {
        var count = checked((int)declared.Shape.Count);
        // A resource draws the same numbers whatever other resources a module has.
        var draw = new Numbers(unchecked((int)(Seed + declared.Name.Aggregate(17L, (hash, c) => (hash * 31) + c))));
        return Kind switch
        {
            "normal" => [.. Enumerable.Range(0, count).Select(_ => Normal(draw) * Scale)],
            "signs" => [.. Enumerable.Range(0, count).Select(_ => draw.Below(2) == 0 ? -Scale : Scale)],
            "ones" => [.. Enumerable.Repeat(1.0, count)],
            "zeros" => new double[count],
            "count" => [.. Enumerable.Range(0, count).Select(i => (double)i)],
            "values" => Values.Count == count ? [.. Values] : null,
            _ => throw new InvalidOperationException($"unknown recipe {Kind}"),
        };
    }

    /// <summary>The sum of twelve uniform numbers: nearly normal, without a function that a machine could round in its own way.</summary>
    private static double Normal(Numbers draw)
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++)
            sum += draw.Unit();
        return sum;
    }
}
