using BiMamba.Bisection.Running;
using BiMamba.Kernels;

namespace BiMamba.Bisection;

/// <summary>The largest absolute difference of two values of one shape.</summary>
/// <param name="Max">Its size; infinite where only one of the two is a number.</param>
/// <param name="Token">Its token.</param>
/// <param name="Feature">Its feature: the row of a linear, or the id of a logit.</param>
/// <param name="Expected">The number before.</param>
/// <param name="Found">The number after.</param>
public sealed record Difference(double Max, int Token, int Feature, double Expected, double Found)
{
    /// <summary>No difference.</summary>
    internal static Difference None { get; } = new(0, 0, 0, 0, 0);

    /// <summary>The largest difference of two values; infinite at the first element where the widths differ.</summary>
    internal static Difference Of(Activations expected, Activations found) =>
        None.Or(expected, 0, new Rows(found.Values, found.Tokens, found.Width));

    /// <summary>The largest of this difference and of those in some tokens; infinite where the widths differ.</summary>
    /// <param name="expected">All tokens before.</param>
    /// <param name="firstToken">Index of the first token of <paramref name="found"/>.</param>
    /// <param name="found">Some tokens after.</param>
    internal Difference Or(Activations expected, int firstToken, Rows found)
    {
        if (expected.Width != found.Width)
            return new Difference(double.PositiveInfinity, 0, 0, expected.Width, found.Width);
        var worst = this;
        for (var t = 0; t < found.Count; t++)
        {
            var left = expected[firstToken + t];
            var right = found[t];
            for (var i = 0; i < left.Length; i++)
            {
                var distance = Distance(left[i], right[i]);
                if (distance > worst.Max)
                    worst = new Difference(distance, firstToken + t, i, left[i], right[i]);
            }
        }

        return worst;
    }

    /// <summary>How far two numbers are apart: two NaN and two equal infinities not at all, a NaN and a number infinitely.</summary>
    internal static double Distance(float left, float right)
    {
        if (left.Equals(right))
            return 0;
        var distance = Math.Abs((double)left - right);
        return double.IsNaN(distance) ? double.PositiveInfinity : distance;
    }
}
