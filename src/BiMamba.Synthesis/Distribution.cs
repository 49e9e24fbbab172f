namespace BiMamba.Synthesis;

/// <summary>
/// How the elements of a tensor are distributed, as its values at the middles of <see cref="Points"/> equal
/// probabilities: 16 random bits choose one.
/// </summary>
internal abstract record Distribution
{
    /// <summary>Number of values.</summary>
    public const int Points = 1 << 16;

    /// <summary>The value at the probability (i + 1/2) / <see cref="Points"/>, for i from 0.</summary>
    public abstract double At(int i);

    private static double Probability(int i) => (i + 0.5) / Points;

    /// <summary>N(mean, deviation^2), cut at 4.2 deviations by the number of points.</summary>
    public sealed record Normal(double Mean, double Deviation) : Distribution
    {
        /// <inheritdoc/>
        public override double At(int i) => Mean + (Deviation * NormalQuantiles.At(i));
    }

    /// <summary>One value.</summary>
    public sealed record Constant(double Value) : Distribution
    {
        /// <inheritdoc/>
        public override double At(int i) => Value;
    }

    /// <summary>The logarithm of a uniform value.</summary>
    public sealed record LogOfUniform(double Low, double High) : Distribution
    {
        /// <inheritdoc/>
        public override double At(int i) => Math.Log(Low + ((High - Low) * Probability(i)));
    }

    /// <summary>The value whose softplus is log-uniform: the bias of a time step between two bounds.</summary>
    public sealed record TimeStepBias(double Low, double High) : Distribution
    {
        /// <inheritdoc/>
        public override double At(int i) => Math.Log(Math.Exp(Low * Math.Pow(High / Low, Probability(i))) - 1);
    }

    /// <summary>Log-uniform in magnitude; a share of the values is negative, as some column scales of trained models are.</summary>
    public sealed record SignedScale(double Low, double High, double NegativeShare) : Distribution
    {
        /// <inheritdoc/>
        public override double At(int i)
        {
            var u = Probability(i);
            return u < NegativeShare
                ? -Low * Math.Pow(High / Low, u / NegativeShare)
                : Low * Math.Pow(High / Low, (u - NegativeShare) / (1 - NegativeShare));
        }
    }
}
