using System.Runtime.CompilerServices;
using BiMamba.Diagnostics;
using BiMamba.Toolchain.Generation;

namespace BiMamba.Toolchain;

/// <content>Generation and logits.</content>
public sealed partial class Model
{
    /// <summary>
    /// Continues a text. The model runs in a thread of the pool, one token for every piece that is asked for; whoever stops
    /// to ask has stopped it.
    /// </summary>
    /// <param name="prompt">The text to continue, which is not given again.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellation">Stops the run between chunks of tokens.</param>
    /// <returns>The pieces in order; errors are thrown while they are asked for.</returns>
    /// <exception cref="ModelException">The model has no tokenizer, the prompt has no token, or logits are not numbers.</exception>
    public IAsyncEnumerable<TextPiece> GenerateAsync(string prompt, GenerateOptions? options = null, CancellationToken cancellation = default) =>
        Stream(found => Prompt.Encode(loaded, prompt, "prompt", found), options, null, cancellation);

    /// <summary>Continues a text, as <see cref="GenerateAsync(string, GenerateOptions?, CancellationToken)"/> does; an error ends it.</summary>
    /// <inheritdoc cref="GenerateAsync(string, GenerateOptions?, CancellationToken)" path="/param"/>
    /// <param name="diagnostics">Receives errors when the enumeration ends; not to be read before.</param>
    public IAsyncEnumerable<TextPiece> TryGenerateAsync(string prompt, GenerateOptions? options, DiagnosticBag diagnostics, CancellationToken cancellation = default) =>
        Stream(found => Prompt.Encode(loaded, prompt, "prompt", found), options, diagnostics, cancellation);

    /// <summary>Continues ids, with or without a tokenizer, as <see cref="GenerateAsync(string, GenerateOptions?, CancellationToken)"/> continues a text.</summary>
    /// <param name="prompt">Ids from 0 to <see cref="VocabularyRows"/>, at least one.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellation">Stops the run between chunks of tokens.</param>
    /// <exception cref="ModelException">An id is outside the vocabulary, there is none, or logits are not numbers.</exception>
    public IAsyncEnumerable<TextPiece> GenerateAsync(int[] prompt, GenerateOptions? options = null, CancellationToken cancellation = default) =>
        Stream(found => Prompt.Check(loaded, prompt, "prompt", found), options, null, cancellation);

    /// <summary>Continues ids; an error ends it.</summary>
    /// <inheritdoc cref="GenerateAsync(int[], GenerateOptions?, CancellationToken)" path="/param"/>
    /// <param name="diagnostics">Receives errors when the enumeration ends; not to be read before.</param>
    public IAsyncEnumerable<TextPiece> TryGenerateAsync(int[] prompt, GenerateOptions? options, DiagnosticBag diagnostics, CancellationToken cancellation = default) =>
        Stream(found => Prompt.Check(loaded, prompt, "prompt", found), options, diagnostics, cancellation);

    /// <summary>The logits of a sequence: [tokens][<see cref="VocabularyRows"/>], fp32.</summary>
    /// <param name="ids">Ids from 0 to <see cref="VocabularyRows"/>, at least one.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellation">Stops the run between chunks of tokens.</param>
    /// <exception cref="ModelException">An id is outside the vocabulary, there is none, or logits are not numbers.</exception>
    public float[][] Logits(int[] ids, LogitsOptions? options = null, CancellationToken cancellation = default) =>
        Operation.Require(diagnostics => TryLogits(ids, options, diagnostics, cancellation));

    /// <summary>The logits of a sequence; null with an error where an id is outside the vocabulary, there is none, or logits are not numbers.</summary>
    /// <inheritdoc cref="Logits" path="/param"/>
    /// <param name="diagnostics">Receives the error.</param>
    public float[][]? TryLogits(int[] ids, LogitsOptions? options, DiagnosticBag diagnostics, CancellationToken cancellation = default)
    {
        using var use = lease.Take();
        return Operation.Try(Logger, diagnostics, found =>
        {
            if (Prompt.Check(loaded, ids, "ids", found) is null)
                return null;
            var logits = new float[ids.Length][];
            var isFinite = LogitsRun.Run(
                loaded, ids, options ?? new LogitsOptions(),
                (first, rows) =>
                {
                    for (var token = 0; token < rows.Count; token++)
                        logits[first + token] = rows[token].ToArray();
                },
                found, cancellation);
            return isFinite ? logits : null;
        });
    }

    /// <summary>The pieces; without a bag for them, errors are thrown behind the last piece.</summary>
    private async IAsyncEnumerable<TextPiece> Stream(Func<DiagnosticBag, int[]?> prompt, GenerateOptions? options, DiagnosticBag? diagnostics, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var use = lease.Take();
        var found = new DiagnosticBag();
        try
        {
            if (prompt(found) is { } ids)
            {
                using var pieces = new TextGeneration(loaded, options ?? new GenerateOptions()).Run(ids, found, cancellation).GetEnumerator();
                while (await Task.Run(pieces.MoveNext, CancellationToken.None).ConfigureAwait(false))
                    yield return pieces.Current;
            }
        }
        finally
        {
            Operation.Tell(Logger, found);
            diagnostics?.AddRange(found);
        }

        if (diagnostics is null && found.HasErrors)
            throw new ModelException(found);
    }
}
