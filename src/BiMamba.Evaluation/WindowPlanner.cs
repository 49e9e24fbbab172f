using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Evaluation;

/// <summary>Cuts a corpus by a protocol.</summary>
public static class WindowPlanner
{
    /// <summary>The plan; null where the bag got an error.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="corpus">The corpus, read for this protocol.</param>
    /// <param name="context">Most tokens of a window.</param>
    /// <param name="maxWindows">Most windows, or null for all.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public static WindowPlan? Create(Protocol protocol, Corpus corpus, int context, int? maxWindows, DiagnosticBag diagnostics) =>
        protocol.IsByDocument ? Rolling(corpus, context, maxWindows, diagnostics) : Disjoint(protocol, corpus, context, maxWindows, diagnostics);

    /// <summary>Disjoint windows without the tail, as <see cref="Protocol.Gptq"/> and <see cref="Protocol.LlamaCpp"/> have them.</summary>
    internal static WindowPlan? Disjoint(Protocol protocol, Corpus corpus, int context, int? maxWindows, DiagnosticBag diagnostics)
    {
        var isGptq = protocol == Protocol.Gptq;
        var (needed, count) = (isGptq ? 1 : 2, corpus.Ids.Length / context);
        if (count < needed)
        {
            diagnostics.Add(RuntimeDiagnostics.TextTooShort, $"expected at least {(needed == 1 ? "one window" : "two windows")} of {context} tokens, found {corpus.Ids.Length} tokens", Place.OfFile(corpus.Path), "pass a longer text or a smaller --context");
            return null;
        }

        // With two tokens, half of a window would leave nothing to score.
        var first = isGptq ? 0 : Math.Min(context / 2, context - 2);
        var windows = ImmutableArray.CreateBuilder<EvaluationWindow>();
        for (var i = 0; i < Math.Min(count, maxWindows ?? count); i++)
            windows.Add(new EvaluationWindow(isGptq ? corpus.Ids.AsMemory(i * context, context) : WithBegin(corpus, i * context, context), first));
        return new WindowPlan(corpus, protocol, context, windows.ToImmutable(), windows.Count * context);
    }

    /// <summary>A window whose first token is the one that begins texts, where the tokenizer adds that.</summary>
    private static ReadOnlyMemory<int> WithBegin(Corpus corpus, int start, int count)
    {
        if (corpus.BeginOfText is not { } id || corpus.Ids[start] == id)
            return corpus.Ids.AsMemory(start, count);
        var ids = corpus.Ids.AsSpan(start, count).ToArray();
        ids[0] = id;
        return ids;
    }

    /// <summary>
    /// The windows of each document: the first predicts up to context tokens from the prefix token, every other one the next
    /// tokens, up to context of them, from those before, so many that the model is given context tokens.
    /// </summary>
    private static WindowPlan? Rolling(Corpus corpus, int context, int? maxWindows, DiagnosticBag diagnostics)
    {
        if (corpus.Prefix is not { } prefix)
        {
            diagnostics.Add(RuntimeDiagnostics.NoPrefix, "the tokenizer has no token that begins or ends a text, from which the first token of a document is predicted", Place.OfFile(corpus.Path), "pass --prefix-token ID");
            return null;
        }

        var windows = ImmutableArray.CreateBuilder<EvaluationWindow>();
        var covered = 0;
        foreach (var document in corpus.Documents)
        {
            for (var done = 0; done < document.Count && windows.Count < (maxWindows ?? int.MaxValue);)
            {
                var count = Math.Min(document.Count - done, context);
                windows.Add(RollingWindow(corpus.Ids.AsMemory(document.First, document.Count), done, count, context, prefix));
                done += count;
                covered = document.First + done;
            }
        }

        if (windows.Count > 0)
            return new WindowPlan(corpus, Protocol.LmEval, context, windows.ToImmutable(), covered);
        diagnostics.Add(RuntimeDiagnostics.TextTooShort, "expected at least one token, found none", Place.OfFile(corpus.Path), "pass a longer text");
        return null;
    }

    private static EvaluationWindow RollingWindow(ReadOnlyMemory<int> document, int done, int count, int context, int prefix)
    {
        // The model is given all tokens of a window but the last.
        var start = Math.Max(0, done + count - context - 1);
        if (done > 0)
            return new EvaluationWindow(document[start..(done + count)], done - 1 - start);
        int[] ids = [prefix, .. document.Span[..count]];
        return new EvaluationWindow(ids, 0);
    }
}
