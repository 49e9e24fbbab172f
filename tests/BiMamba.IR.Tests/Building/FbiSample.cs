namespace BiMamba.IR.Tests;

/// <summary>
/// A module whose middle block is a norm and an FBI-Linear behind it, with the numbers that it must compute, in fp64 from
/// the formula of the op table alone.
/// </summary>
internal sealed record FbiSample(int Rows, int Columns)
{
    public const int Vocabulary = 6;

    /// <summary>The block whose result is the FBI-Linear's.</summary>
    public const int Block = 1;

    private const float Eps = 1e-5f;
    private const double UnitRoundoff = 1.0 / (1 << 24);

    /// <summary>column, row or single.</summary>
    public string Pattern { get; init; } = "column";

    /// <summary>Name of the linear in its layer.</summary>
    public string Linear { get; init; } = "in_proj";

    /// <summary>True for a gated norm of x = z.</summary>
    public bool IsGated { get; init; }

    /// <summary>[rows, columns].</summary>
    public required float[] Latent { get; init; }

    /// <summary>[columns], [rows] or [1].</summary>
    public required float[] Scale { get; init; }

    /// <summary>As <see cref="Scale"/>.</summary>
    public required float[] Shift { get; init; }

    /// <summary>[columns].</summary>
    public required float[] Norm { get; init; }

    /// <summary>[rows], or null.</summary>
    public float[]? Bias { get; init; }

    /// <summary>[vocabulary, columns].</summary>
    public required float[] Embedding { get; init; }

    /// <summary>Every token once, and some again.</summary>
    public static ReadOnlySpan<int> Ids => [0, 1, 2, 3, 4, 5, 5, 1];

    /// <summary>A sample of random numbers.</summary>
    public static FbiSample Random(int seed, int rows, int columns, string pattern = "column", bool hasBias = true)
    {
        var numbers = new Numbers(seed);
        var length = pattern switch
        {
            "column" => columns,
            "row" => rows,
            _ => 1,
        };
        return new FbiSample(rows, columns)
        {
            Pattern = pattern,
            Latent = numbers.Vector(rows * columns, 0.02f),
            Scale = numbers.Vector(length, 0.1f),
            Shift = numbers.Vector(length, 0.05f),
            Norm = numbers.Ones(columns),
            Bias = hasBias ? numbers.Vector(rows) : null,
            Embedding = numbers.Vector(Vocabulary * columns),
        };
    }

    /// <summary>The sample with a part of its latent weights set to a value.</summary>
    public FbiSample WithLatent(float value, double share, int seed)
    {
        var numbers = new Numbers(seed);
        return this with { Latent = [.. Latent.Select(latent => numbers.Unit() < share ? value : latent)] };
    }

    /// <summary>A copy of a vector with one element set.</summary>
    public static float[] Set(float[] values, int index, float value)
    {
        var copy = values.ToArray();
        copy[index] = value;
        return copy;
    }

    /// <summary>The module at level fbi.</summary>
    public Module Build()
    {
        var weights = new Weights(Rows + Columns);
        var embed = weights.Embed(weights.Put("embedding.weight", Embedding, Vocabulary, Columns));
        var layer = weights.Block("layers.0", "r", Columns);
        var norm = weights.Put("layers.0.norm.weight", Norm, Columns);
        if (IsGated)
            layer.Add("n", OpCode.GatedRmsNorm, [("x", "r"), ("z", "r"), ("weight", norm)], (Attributes.Eps, new AttributeValue.Float(Eps)), (Attributes.NormGroupSize, new AttributeValue.Int(Columns)));
        else
            layer.Add("n", OpCode.RmsNorm, [("x", "r"), ("weight", norm)], (Attributes.Eps, new AttributeValue.Float(Eps)));
        AddLinear(weights, layer);
        var head = weights.Block("head", "h", Rows);
        head.Add("logits", OpCode.LmHead, [("x", "h"), ("weight", weights.Random("lm_head.weight", 1, Vocabulary, Rows))]);
        return new Module("fbi", Level.Fbi, [], weights.Map, [embed, layer.Return("y"), head.Return("logits")]);
    }

    /// <summary>What the FBI-Linear gives in a module, [ids, rows].</summary>
    public static float[] Run(Module module, int chunk = 128, int threads = 2) => Running.BlockResult(module, Block, Ids, chunk, threads);

    /// <summary>
    /// Fails unless every number lies within the rounding errors of a sum in fp32 of the exact number: each of the
    /// columns gives at most six terms (two signs of a zero, shift, zero shift, and their factors), each term has at
    /// most eight roundings before its sum, and a sum of n terms in any order errs by n roundings of the magnitudes.
    /// </summary>
    public void AssertExact(ReadOnlySpan<float> actual, bool official = false)
    {
        var bound = ((3 * Columns) + 16) * UnitRoundoff;
        var index = 0;
        foreach (var id in Ids)
        {
            var x = Normalized(id);
            for (var row = 0; row < Rows; row++, index++)
            {
                var (expected, magnitude) = Row(x, row, official);
                var difference = Math.Abs(expected - actual[index]);
                Assert.True(difference <= bound * magnitude, $"token {id}, row {row}: expected {expected:R}, found {actual[index]:R}, {difference / magnitude:E2} of the terms, bound {bound:E2}");
            }
        }

        Assert.Equal(index, actual.Length);
    }

    private (double Value, double Magnitude) Row(double[] x, int row, bool official)
    {
        double sum = Bias?[row] ?? 0, magnitude = Math.Abs(sum);
        for (var j = 0; j < Columns; j++)
        {
            var (a, b) = Pattern switch
            {
                "column" => (Scale[j], Shift[j]),
                "row" => (Scale[row], Shift[row]),
                _ => (Scale[0], Shift[0]),
            };
            var latent = Latent[(row * Columns) + j];
            sum += Weight(latent, a, b, official) * x[j];
            magnitude += (2 * (double)Math.Abs(a) + Math.Abs(b)) * Math.Abs(x[j]);
        }

        return (sum, magnitude);
    }

    private static double Weight(float latent, float a, float b, bool official)
    {
        if (!official)
            return ((double)a * Math.Sign(latent)) + b;
        // torch computes wscale * sign(W) + wbias in fp16, rounding each step.
        var product = (Half)((float)(Half)a * Math.Sign((float)(Half)latent));
        return (double)(Half)((float)product + (float)(Half)b);
    }

    private double[] Normalized(int id)
    {
        var r = Embedding.AsSpan(id * Columns, Columns).ToArray().Select(value => (double)value).ToArray();
        if (IsGated)
            r = [.. r.Select(value => value * value / (1 + Math.Exp(-value)))];
        var root = Math.Sqrt((r.Sum(value => value * value) / Columns) + Eps);
        return [.. r.Select((value, j) => value / root * Norm[j])];
    }

    private void AddLinear(Weights weights, BlockBuilder layer)
    {
        long[] shape = Pattern switch
        {
            "column" => [1, Columns],
            "row" => [Rows, 1],
            _ => [1],
        };
        var prefix = "layers.0." + Linear;
        layer.Add(
            "y",
            OpCode.FbiLinear,
            [
                ("x", "n"), ("latent", weights.Put(prefix + ".weight", Latent, Rows, Columns)), ("scale", weights.Put(prefix + ".scale", Scale, shape)),
                ("shift", weights.Put(prefix + ".shift", Shift, shape)), ("bias", Bias is null ? null : weights.Put(prefix + ".bias", Bias, Rows)),
            ],
            (Attributes.Pattern, new AttributeValue.Word(Pattern)));
    }
}
