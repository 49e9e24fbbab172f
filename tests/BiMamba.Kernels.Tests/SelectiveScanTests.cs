namespace BiMamba.Kernels.Tests;

public class SelectiveScanTests
{
    /// <summary>Operands of one size, kept as arrays so that they can be viewed in parts.</summary>
    internal sealed class Case(int tokens, int channels, int stateSize)
    {
        public float[] X { get; } = Numbers.Random(tokens * channels, 71);

        public float[] Dt { get; } = Numbers.Random(tokens * channels, 72, 3f);

        public float[] B { get; } = Numbers.Random(tokens * stateSize, 73);

        public float[] C { get; } = Numbers.Random(tokens * stateSize, 74);

        public float[] A { get; } = Numbers.Random(stateSize * channels, 75).Select(v => -MathF.Abs(v) - 0.1f).ToArray();

        public float[] DtBias { get; set; } = Numbers.Random(channels, 76);

        public float[] D { get; set; } = Numbers.Random(channels, 77);

        public float[] Z { get; set; } = Numbers.Random(tokens * channels, 78, 4f);

        public float[] State { get; } = Numbers.Random(stateSize * channels, 79);

        public SelectiveScanInputs Inputs(int first, int count) => new()
        {
            X = new Rows(X, tokens, channels).Slice(first, count),
            Dt = new Rows(Dt, tokens, channels).Slice(first, count),
            B = new Rows(B, tokens, stateSize).Slice(first, count),
            C = new Rows(C, tokens, stateSize).Slice(first, count),
            A = A,
            DtBias = DtBias,
            D = D,
            Z = Z.Length == 0 ? default : new Rows(Z, tokens, channels).Slice(first, count),
        };
    }

    [Theory]
    [InlineData(1, 1, 1, true)]
    [InlineData(3, 17, 16, true)]
    [InlineData(2, 33, 5, false)]
    [InlineData(4, 48, 16, true)]
    public void Scan(int tokens, int channels, int stateSize, bool all)
    {
        var c = new Case(tokens, channels, stateSize);
        if (!all)
            (c.Z, c.D, c.DtBias) = ([], [], []);
        var (scalarState, vectorState) = ((float[])c.State.Clone(), (float[])c.State.Clone());
        var (scalar, vector) = (new float[c.X.Length], new float[c.X.Length]);
        SelectiveScan.RunScalar(c.Inputs(0, tokens), 0, channels, scalarState, new MutableRows(scalar, tokens, channels));
        SelectiveScan.Run(c.Inputs(0, tokens), 0, channels, vectorState, new MutableRows(vector, tokens, channels));
        Numbers.AssertSameBits(scalar, vector);
        Numbers.AssertSameBits(scalarState, vectorState);
        AssertExact(c, tokens, channels, stateSize, scalar);
    }

    [Fact]
    public void Steps_and_ranges_of_channels_have_the_bits_of_the_whole_and_y_may_be_x()
    {
        const int Tokens = 5, Channels = 59;
        var c = new Case(Tokens, Channels, 16);
        var (wholeState, state) = ((float[])c.State.Clone(), (float[])c.State.Clone());
        var whole = new float[c.X.Length];
        SelectiveScan.Run(c.Inputs(0, Tokens), 0, Channels, wholeState, new MutableRows(whole, Tokens, Channels));
        for (var t = 0; t < Tokens; t++)
        {
            var y = new MutableRows(c.X, Tokens, Channels).Slice(t, 1);
            SelectiveScan.Run(c.Inputs(t, 1), 0, 21, state, y);
            SelectiveScan.Run(c.Inputs(t, 1), 21, 38, state, y);
        }

        Numbers.AssertSameBits(whole, c.X);
        Numbers.AssertSameBits(wholeState, state);
    }

    [Theory]
    [InlineData(1, 17, 1)]
    [InlineData(3, 33, 5)]
    [InlineData(5, 48, 16)]
    public void A_state_of_bfloat16_is_rounded_behind_every_token(int tokens, int channels, int stateSize)
    {
        var c = new Case(tokens, channels, stateSize);
        var expectedState = new ushort[c.State.Length];
        BFloat16.Narrow(c.State, expectedState);
        var (scalarState, vectorState) = ((ushort[])expectedState.Clone(), (ushort[])expectedState.Clone());
        var (expected, scalar, vector) = (new float[c.X.Length], new float[c.X.Length], new float[c.X.Length]);
        var wide = new float[c.State.Length];
        for (var t = 0; t < tokens; t++)
        {
            BFloat16.Widen(expectedState, wide);
            SelectiveScan.Run(c.Inputs(t, 1), 0, channels, wide, new MutableRows(expected, tokens, channels).Slice(t, 1));
            BFloat16.Narrow(wide, expectedState);
        }

        SelectiveScan.RunScalar(c.Inputs(0, tokens), 0, channels, scalarState, new MutableRows(scalar, tokens, channels));
        SelectiveScan.Run(c.Inputs(0, tokens), 0, channels / 2, vectorState, new MutableRows(vector, tokens, channels));
        SelectiveScan.Run(c.Inputs(0, tokens), channels / 2, channels - (channels / 2), vectorState, new MutableRows(vector, tokens, channels));
        Numbers.AssertSameBits(expected, scalar);
        Numbers.AssertSameBits(expected, vector);
        Assert.Equal(expectedState, scalarState);
        Assert.Equal(expectedState, vectorState);
    }

    private static void AssertExact(Case c, int tokens, int channels, int stateSize, float[] actual)
    {
        var h = c.State.Select(v => (double)v).ToArray();
        var magnitudes = h.Select(Math.Abs).ToArray();
        for (var i = 0; i < tokens * channels; i++)
        {
            var (t, channel) = (i / channels, i % channels);
            double x = c.X[i], sum = c.D.Length == 0 ? 0 : c.D[channel] * x, magnitude = Math.Abs(sum);
            var delta = Numbers.Softplus(c.Dt[i] + (c.DtBias.Length == 0 ? 0.0 : c.DtBias[channel]));
            for (var n = 0; n < stateSize; n++)
            {
                var at = (n * channels) + channel;
                var (decay, input) = (Math.Exp(delta * c.A[at]), delta * x * c.B[(t * stateSize) + n]);
                h[at] = (h[at] * decay) + input;
                magnitudes[at] = (magnitudes[at] * decay) + Math.Abs(input);
                sum += h[at] * c.C[(t * stateSize) + n];
                magnitude += magnitudes[at] * Math.Abs(c.C[(t * stateSize) + n]);
            }

            var gate = c.Z.Length == 0 ? 1 : Numbers.Silu(c.Z[i]);
            var roundings = stateSize + (16 * (t + 1)) + 10;
            Numbers.AssertNear(sum * gate, actual[i], roundings * Numbers.Unit * magnitude * Math.Abs(gate), $"y[{i}]");
        }
    }
}
