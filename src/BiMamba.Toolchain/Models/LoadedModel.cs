using BiMamba.IR;
using BiMamba.Tokenizers;

namespace BiMamba.Toolchain.Models;

/// <summary>A model of any kind, ready to be inspected or run.</summary>
/// <param name="Path">The model as the user named it.</param>
/// <param name="Module">The module.</param>
/// <param name="Tokenizer">Its tokenizer, or null.</param>
/// <param name="Files">Every file that decided it.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Owned">Closes the files.</param>
internal sealed record LoadedModel(string Path, Module Module, Tokenizer? Tokenizer, IReadOnlyList<string> Files, string Summary, IDisposable Owned) : IDisposable
{
    /// <summary>Ids that text can have: rows behind it pad the head and are never generated.</summary>
    public int UsedVocabulary
    {
        get
        {
            // IR text can say anything: a vocabulary without ids is none.
            var declared = Module.FindInt("vocab") is > 0 and var vocabulary ? vocabulary : Module.VocabularyRows;
            return (int)Math.Min(Tokenizer is null ? declared : Math.Min(declared, Tokenizer.VocabularySize), Module.VocabularyRows);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Owned.Dispose();
}
