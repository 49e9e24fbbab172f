namespace BiMamba.Evaluation;

/// <summary>A perplexity with everything that it depends on.</summary>
/// <param name="Plan">Corpus, protocol and windows.</param>
/// <param name="Windows">The score of every window of the plan.</param>
public sealed record Perplexity(WindowPlan Plan, IReadOnlyList<ScoredWindow> Windows)
{
    /// <summary>Name of the protocol.</summary>
    public string Protocol => Plan.Protocol.Name;

    /// <summary>Most tokens of a window.</summary>
    public int Context => Plan.Context;

    /// <summary>The corpus.</summary>
    public Corpus Corpus => Plan.Corpus;

    /// <summary>Mean negative log-likelihood of every window, in nats a token.</summary>
    public IReadOnlyList<double> WindowNll { get; } = [.. Windows.Select(window => window.Mean)];

    /// <summary>Tokens that were scored.</summary>
    public long Tokens => Plan.ScoredTokens;

    /// <summary>Mean negative log-likelihood in nats a token: over windows by protocol <c>gptq</c>, else over tokens.</summary>
    public double Nll => Plan.Protocol == Evaluation.Protocol.Gptq ? WindowNll.Average() : Windows.Sum(window => window.Sum) / Tokens;

    /// <summary>exp(<see cref="Nll"/>).</summary>
    public double Value => Math.Exp(Nll);

    /// <summary>
    /// Standard error of <see cref="Value"/> as llama.cpp prints it: the perplexity times the standard deviation of the
    /// tokens' negative log-likelihoods over the root of their number less one. Null by other protocols.
    /// </summary>
    public double? StandardError
    {
        get
        {
            if (Plan.Protocol != Evaluation.Protocol.LlamaCpp || Tokens < 2)
                return null;
            var variance = (Windows.Sum(window => window.SumOfSquares) / Tokens) - (Nll * Nll);
            return Value * Math.Sqrt(Math.Max(0, variance) / (Tokens - 1));
        }
    }

    /// <summary>Bits a byte of text, which is comparable across tokenizers; null for a corpus of ids.</summary>
    public double? BitsPerByte => Corpus.TokensPerByte is { } ratio ? Nll / Math.Log(2) * ratio : null;

    /// <summary>exp of the negative log-likelihood a byte, as lm-evaluation-harness prints it; null by other protocols.</summary>
    public double? BytePerplexity => IsRolling && BitsPerByte is { } bits ? Math.Pow(2, bits) : null;

    /// <summary>exp of the negative log-likelihood a word; null by other protocols, and where not the whole corpus was scored.</summary>
    public double? WordPerplexity => IsRolling && Corpus.Words is > 0 and var words && Tokens == Corpus.Ids.Length ? Math.Exp(Nll * Tokens / words) : null;

    private bool IsRolling => Plan.Protocol == Evaluation.Protocol.LmEval;
}
