using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Runtime;
using BiMamba.Toolchain.Models;

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
        var next = prompt;
        for (var left = options.MaxTokens; left > 0; left--)
        {
            var logits = runner.RunToLast(state, next, cancellation);
            var id = sampler.Next(logits);
            if (!float.IsFinite(logits[id]))
            {
                diagnostics.Add(RuntimeDiagnostics.LogitsNotFinite, $"the logit of id {id} is {logits[id]}", Place.OfFile(model.Path), "the weights hold NaN or infinity, or overflow");
                yield break;
            }

            if (id == model.Tokenizer?.EndOfTextId)
                yield break;
            yield return id;
            next = [id];
        }
    }
}
