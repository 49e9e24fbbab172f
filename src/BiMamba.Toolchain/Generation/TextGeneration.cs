using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Kernels;
using BiMamba.Runtime;
using BiMamba.Toolchain.Models;
using BiMamba.Weights;

namespace BiMamba.Toolchain.Generation;

/// <summary>Continues a prompt, one token for every step of the enumeration.</summary>
/// <param name="model">The model.</param>
/// <param name="options">How.</param>
internal sealed class TextGeneration(LoadedModel model, GenerateOptions options)
{
    /// <summary>The pieces. Nothing runs before the first is asked for, and nothing runs ahead.</summary>
    /// <param name="prompt">Ids of the vocabulary, at least one.</param>
    /// <param name="diagnostics">Receives an error where the logits are not numbers; the text ends there.</param>
    /// <param name="cancellation">Stops the run.</param>
    public IEnumerable<TextPiece> Run(int[] prompt, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var decoder = model.Tokenizer?.CreateStreamingDecoder();
        foreach (var id in Ids(prompt, diagnostics, cancellation))
            yield return new TextPiece(id, decoder?.Append(id) ?? "");
        if (decoder?.Flush() is { Length: > 0 } rest)
            yield return new TextPiece(null, rest);
    }

    private IEnumerable<int> Ids(int[] prompt, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var runner = new ModelRunner(model.Module, options.Runtime);
        var sampler = new Sampler(model.UsedVocabulary, options.Temperature, options.TopK, options.Seed);
        var state = runner.NewState();
        var (next, read) = (prompt, new List<int>());
        for (var left = options.MaxTokens; left > 0; left--)
        {
            read.AddRange(next);
            var logits = runner.RunToLast(state, next, cancellation);
            if (NotFinite.IndexOf(logits) is >= 0 and var broken)
            {
                ReportNotFinite(runner, [.. read], $"the logit of id {broken} is {FiniteWeights.Text(logits[broken])}", diagnostics, cancellation);
                yield break;
            }

            var id = sampler.Next(logits);
            if (id == model.Tokenizer?.EndOfTextId)
                yield break;
            yield return id;
            next = [id];
        }
    }

    private void ReportNotFinite(ModelRunner runner, int[] tokens, string found, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (!NotFiniteOrigin.Report(runner, tokens, found, Place.OfFile(model.Path), diagnostics, cancellation))
            diagnostics.Add(RuntimeDiagnostics.LogitsNotFinite, found, Place.OfFile(model.Path));
    }
}
