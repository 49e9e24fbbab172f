using System.Collections.Immutable;

namespace BiMamba.Evaluation;

/// <summary>What a window costs.</summary>
/// <param name="Sum">Negative log-likelihood of the scored tokens, in nats.</param>
/// <param name="SumOfSquares">Sum of its squares by token.</param>
/// <param name="Tokens">Scored tokens.</param>
/// <param name="Positions">The same by position: element k holds the tokens at positions 2^k to 2^(k + 1) - 1, counted from 0.</param>
public sealed record ScoredWindow(double Sum, double SumOfSquares, int Tokens, ImmutableArray<PositionSum> Positions)
{
    /// <summary>Mean negative log-likelihood, in nats a token.</summary>
    public double Mean => Sum / Tokens;
}

/// <summary>Negative log-likelihood of the tokens of a range of positions.</summary>
/// <param name="Sum">In nats.</param>
/// <param name="Tokens">Tokens.</param>
public readonly record struct PositionSum(double Sum, int Tokens);
