namespace BiMamba.Kernels.Tests;

public class SsdScanTests
{
    /// <summary>Operands of one size, kept as arrays so that they can be viewed in parts.</summary>
    internal sealed class Case(int tokens, int heads, int headDim, int groups, int stateSize)
    {
        public float[] X { get; } = Numbers.Random(tokens * heads * headDim, 61);

        public float[] Dt { get; } = Numbers.Random(tokens * heads, 62, 3f);

        public float[] B { get; } = Numbers.Random(tokens * groups * stateSize, 63);

        public float[] C { get; } = Numbers.Random(tokens * groups * stateSize, 64);

        public float[] A { get; } = Numbers.Random(heads, 65).Select(v => -MathF.Abs(v) - 0.1f).ToArray();

        public float[] DtBias { get; } = Numbers.Random(heads, 66);

        public float[] D { get; set; } = Numbers.Random(heads, 67);

        public float[] State { get; } = Numbers.Random(heads * headDim * stateSize, 68);

        public float DtMin { get; set; }

        public float DtMax { get; set; } = float.PositiveInfinity;

        public int Channels => heads * headDim;

        public SsdScanInputs Inputs(int first, int count) => new()
        {
            X = new Rows(X, tokens, Channels).Slice(first, count),
            Dt = new Rows(Dt, tokens, heads).Slice(first, count),
            B = new Rows(B, tokens, groups * stateSize).Slice(first, count),
            C = new Rows(C, tokens, groups * stateSize).Slice(first, count),
            A = A,
            DtBias = DtBias,
            D = D,
            StateSize = stateSize,
            DtMin = DtMin,
            DtMax = DtMax,
        };
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(3, 2, 17, 1, 5)]
    [InlineData(2, 4, 64, 2, 16)]
    [InlineData(2, 2, 111, 2, 3)]
    [InlineData(8, 1, 16, 1, 2)]
    [InlineData(19, 4, 37, 2, 5)]
    [InlineData(9, 2, 64, 1, 300)]
    public void Scan(int tokens, int heads, int headDim, int groups, int stateSize)
    {
        var c = new Case(tokens, heads, headDim, groups, stateSize) { DtMin = 0.05f, DtMax = 2f };
        foreach (var d in new[] { [], c.D, Numbers.Random(heads * headDim, 69) })
        {
            c.D = d;
            var (scalarState, vectorState) = ((float[])c.State.Clone(), (float[])c.State.Clone());
            var (scalar, vector) = (new float[c.X.Length], new float[c.X.Length]);
            SsdScan.RunScalar(c.Inputs(0, tokens), 0, heads, scalarState, new MutableRows(scalar, tokens, c.Channels));
            SsdScan.Run(c.Inputs(0, tokens), 0, heads, vectorState, new MutableRows(vector, tokens, c.Channels));
            Numbers.AssertSameBits(scalar, vector);
            Numbers.AssertSameBits(scalarState, vectorState);
            AssertExact(c, tokens, heads, headDim, groups, stateSize, scalar);
        }
    }

    [Fact]
    public void Steps_and_ranges_of_heads_have_the_bits_of_the_whole_and_y_may_be_x()
    {
        const int Tokens = 5, Heads = 3, HeadDim = 84;
        var c = new Case(Tokens, Heads, HeadDim, 1, 9);
        var (wholeState, state) = ((float[])c.State.Clone(), (float[])c.State.Clone());
        var whole = new float[c.X.Length];
        SsdScan.Run(c.Inputs(0, Tokens), 0, Heads, wholeState, new MutableRows(whole, Tokens, c.Channels));
        for (var t = 0; t < Tokens; t++)
        {
            var y = new MutableRows(c.X, Tokens, c.Channels).Slice(t, 1);
            SsdScan.Run(c.Inputs(t, 1), 0, 2, state, y);
            SsdScan.Run(c.Inputs(t, 1), 2, 1, state, y);
        }

        Numbers.AssertSameBits(whole, c.X);
        Numbers.AssertSameBits(wholeState, state);
    }

    [Theory]
    [InlineData(1, 18, 64, 2, 4)]
    [InlineData(3, 2, 21, 1, 7)]
    [InlineData(17, 2, 64, 1, 16)]
    public void A_state_of_bfloat16_is_rounded_when_a_call_ends(int tokens, int heads, int headDim, int groups, int stateSize)
    {
        var c = new Case(tokens, heads, headDim, groups, stateSize);
        var (wide, expected) = (new float[c.State.Length], new ushort[c.State.Length]);
        BFloat16.Narrow(c.State, expected);
        BFloat16.Widen(expected, wide);
        var (scalarState, vectorState) = ((ushort[])expected.Clone(), (ushort[])expected.Clone());
        var (full, scalar, vector) = (new float[c.X.Length], new float[c.X.Length], new float[c.X.Length]);
        SsdScan.Run(c.Inputs(0, tokens), 0, heads, wide, new MutableRows(full, tokens, c.Channels));
        SsdScan.RunScalar(c.Inputs(0, tokens), 0, heads, scalarState, new MutableRows(scalar, tokens, c.Channels));
        SsdScan.Run(c.Inputs(0, tokens), 0, heads, vectorState, new MutableRows(vector, tokens, c.Channels));
        Numbers.AssertSameBits(full, scalar);
        Numbers.AssertSameBits(full, vector);
        BFloat16.Narrow(wide, expected);
        Assert.Equal(expected, scalarState);
        Assert.Equal(expected, vectorState);
    }

    private static void AssertExact(
        Case c, int tokens, int heads, int headDim, int groups, int stateSize, float[] actual)
    {
        var h = c.State.Select(v => (double)v).ToArray();
        var magnitudes = h.Select(Math.Abs).ToArray();
        for (var t = 0; t < tokens; t++)
        {
            for (var channel = 0; channel < c.Channels; channel++)
            {
                var (head, p) = (channel / headDim, channel % headDim);
                var dt = Math.Clamp(Numbers.Softplus((double)c.Dt[(t * heads) + head] + c.DtBias[head]), c.DtMin, c.DtMax);
                double x = c.X[(t * c.Channels) + channel];
                var group = ((t * groups) + (head / (heads / groups))) * stateSize;
                double skip = c.D.Length == 0 ? 0 : c.D.Length == heads ? c.D[head] : c.D[channel];
                double sum = skip * x, magnitude = Math.Abs(sum);
                for (var n = 0; n < stateSize; n++)
                {
                    var i = (((head * stateSize) + n) * headDim) + p;
                    var (decay, input) = (Math.Exp(dt * c.A[head]), dt * c.B[group + n] * x);
                    h[i] = (h[i] * decay) + input;
                    magnitudes[i] = (magnitudes[i] * decay) + Math.Abs(input);
                    sum += c.C[group + n] * h[i];
                    magnitude += Math.Abs(c.C[group + n]) * magnitudes[i];
                }

                var roundings = stateSize + (16 * (t + 1)) + 4;
                Numbers.AssertNear(sum, actual[(t * c.Channels) + channel], roundings * Numbers.Unit * magnitude, $"y[{t},{channel}]");
            }
        }
    }
}
