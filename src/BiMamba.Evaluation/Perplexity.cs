namespace BiMamba.Evaluation;

/// <summary>A perplexity with everything that it depends on.</summary>
/// <param name="Protocol">Name of the protocol.</param>
/// <param name="Context">Tokens of a window.</param>
/// <param name="WindowNll">Mean negative log-likelihood of every window, in nats a token.</param>
/// <param name="Tokens">Tokens that were scored.</param>
/// <param name="Corpus">The corpus.</param>
public sealed record Perplexity(string Protocol, int Context, IReadOnlyList<double> WindowNll, long Tokens, Corpus Corpus)
{
    /// <summary>Mean negative log-likelihood in nats a token.</summary>
    public double Nll => WindowNll.Average();

    /// <summary>exp(<see cref="Nll"/>).</summary>
    public double Value => Math.Exp(Nll);

    /// <summary>Bits a byte of text, which is comparable across tokenizers; null for a corpus of ids.</summary>
    public double? BitsPerByte => Corpus.TokensPerByte is { } ratio ? Nll / Math.Log(2) * ratio : null;
}
