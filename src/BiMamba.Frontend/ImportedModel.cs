using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Frontend;

/// <summary>A checkpoint as a module. Disposing it closes the files, which ends the life of the module's weights.</summary>
public sealed class ImportedModel : IDisposable
{
    internal ImportedModel(Module module, TensorArchive archive)
    {
        Module = module;
        Archive = archive;
    }

    /// <summary>The module, at level <c>float</c> or <c>fbi</c>.</summary>
    public Module Module { get; }

    /// <summary>The tensors as the files hold them.</summary>
    public TensorArchive Archive { get; }

    /// <summary><c>mamba</c>, <c>mamba2</c>, <c>falcon_mamba</c> or <c>bimamba2</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary><c>state-spaces</c>, <c>hugging-face</c>, <c>codestral</c>, <c>gguf</c> or <c>bi-mamba</c>.</summary>
    public required string Layout { get; init; }

    /// <summary>The file of the tokenizer that belongs to the checkpoint, or null.</summary>
    public required string? TokenizerPath { get; init; }

    /// <summary>The tokenizer that the file of the weights holds, or null; a file that was named wins.</summary>
    public StoredTokenizer? StoredTokenizer { get; init; }

    /// <summary>Every file that decided the module: weights, then the configuration and the index.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The vocabulary size of the configuration, or null where it has none.</summary>
    public required int? ConfigVocabulary { get; init; }

    /// <summary>One line about the model for people.</summary>
    public required string Summary { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Archive.Dispose();
}
