using System.Collections.Immutable;
using BiMamba.Diagnostics;

namespace BiMamba.Evaluation;

/// <summary>The windows of a corpus that are evaluated. <see cref="WindowPlanner"/> makes other plans than the usual one.</summary>
/// <param name="Corpus">The corpus.</param>
/// <param name="Protocol">By which the windows are cut.</param>
/// <param name="Context">Most tokens of a window, at least 2.</param>
/// <param name="Windows">The windows.</param>
/// <param name="CoveredTokens">Tokens of the corpus from its beginning that the windows take.</param>
public sealed record WindowPlan(Corpus Corpus, Protocol Protocol, int Context, ImmutableArray<EvaluationWindow> Windows, int CoveredTokens)
{
    /// <summary>The plan of the protocol <see cref="Protocol.Gptq"/>; null with an error where the corpus is shorter than a window.</summary>
    public static WindowPlan? Create(Corpus corpus, int context, int? maxWindows, DiagnosticBag diagnostics) =>
        WindowPlanner.Disjoint(Protocol.Gptq, corpus, context, maxWindows, diagnostics);

    /// <summary>Windows.</summary>
    public int Count => Windows.Length;

    /// <summary>Tokens of the longest window; one more than the context where a prefix token stands before the first.</summary>
    public int LongestWindow => Windows.Max(window => window.Ids.Length);

    /// <summary>Predictions that are scored.</summary>
    public long ScoredTokens => Windows.Sum(window => (long)window.ScoredTokens);

    /// <summary>The ids of the corpus that the windows take.</summary>
    public ReadOnlySpan<int> Ids => Corpus.Ids.AsSpan(0, CoveredTokens);

    /// <summary>The ids of a window.</summary>
    public ReadOnlySpan<int> Window(int index) => Windows[index].Ids.Span;

    /// <summary>The ids of a window, to be kept.</summary>
    public ReadOnlyMemory<int> Memory(int index) => Windows[index].Ids;

    /// <summary>The plan of the first windows alone.</summary>
    public WindowPlan Take(int count) => count >= Count ? this : this with { Windows = Windows[..count], CoveredTokens = Math.Min(CoveredTokens, count * Context) };
}
