using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation;

/// <summary>Disjoint windows over a corpus.</summary>
/// <param name="Corpus">The corpus.</param>
/// <param name="Context">Tokens of a window, at least 2.</param>
/// <param name="Count">Windows.</param>
public sealed record WindowPlan(Corpus Corpus, int Context, int Count)
{
    /// <summary>The plan of the protocol <see cref="Protocol.Gptq"/>; null with an error where the corpus is shorter than a window.</summary>
    public static WindowPlan? Create(Corpus corpus, int context, int? maxWindows, DiagnosticBag diagnostics)
    {
        var count = corpus.Ids.Length / context;
        if (count == 0)
        {
            diagnostics.Add(RuntimeDiagnostics.TextTooShort, $"expected at least one window of {context} tokens, found {corpus.Ids.Length} tokens", Place.OfFile(corpus.Path), "pass a longer text or a smaller --context");
            return null;
        }

        return new WindowPlan(corpus, context, Math.Min(count, maxWindows ?? count));
    }

    /// <summary>The ids of all windows.</summary>
    public ReadOnlySpan<int> Ids => Corpus.Ids.AsSpan(0, Count * Context);

    /// <summary>The ids of a window.</summary>
    public ReadOnlySpan<int> Window(int index) => Memory(index).Span;

    /// <summary>The ids of a window, to be kept.</summary>
    public ReadOnlyMemory<int> Memory(int index) => Corpus.Ids.AsMemory(index * Context, Context);
}
