using BiMamba.Diagnostics;
using BiMamba.IR;
using BiMamba.Tokenizers;
using BiMamba.Toolchain.Models;
using Microsoft.Extensions.Logging;

namespace BiMamba.Toolchain;

/// <summary>
/// A model of any kind: a checkpoint folder, a .safetensors, .bin, .pt or .gguf file, a .bimb file, or a .bmir text with its
/// weights beside it. It does not change: all methods may be called from several threads at a time. Weights are read where
/// the files are mapped, so the files must stay as they are until the model is disposed.
/// </summary>
/// <remarks>
/// Every operation has two forms. One throws <see cref="ModelException"/>, which holds the diagnostics; the other begins
/// with <c>Try</c>, gives null and adds them to a bag. Messages name options as the command line has them. Both forms throw
/// <see cref="OperationCanceledException"/> where the token is cancelled, and <see cref="ObjectDisposedException"/> behind
/// <see cref="Dispose"/>. An option outside its range is a bug of the caller, and throws where it is set.
/// </remarks>
public sealed partial class Model : IDisposable
{
    private readonly LoadedModel loaded;
    private readonly LoadOptions options;
    private readonly ModelLease lease;

    private Model(LoadedModel loaded, LoadOptions options)
    {
        this.loaded = loaded;
        this.options = options;
        lease = new ModelLease(loaded);
    }

    /// <summary>The path as it was given.</summary>
    public string Path => loaded.Path;

    /// <summary>One line for people: architecture, layers, widths.</summary>
    public string Summary => loaded.Summary;

    /// <summary>Every file that decided what the model is.</summary>
    public IReadOnlyList<string> Files => loaded.Files;

    /// <summary>The model as IR. Its resources can be read until the model is disposed.</summary>
    public Module Module => loaded.Module;

    /// <summary>The tokenizer, or null where none was found.</summary>
    public Tokenizer? Tokenizer => loaded.Tokenizer;

    /// <summary>Rows of the head: ids run from 0 to this, and a token has so many logits.</summary>
    public int VocabularyRows => loaded.Module.VocabularyRows;

    private ILogger? Logger => options.Logger;

    /// <summary>Opens a model.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <param name="options">How it is read; null for the defaults.</param>
    /// <exception cref="ModelException">The model is missing, malformed, unsupported or has no weights.</exception>
    public static Model Load(string path, LoadOptions? options = null) =>
        Operation.Require(diagnostics => TryLoad(path, options, diagnostics));

    /// <summary>Opens a model; null with errors where that fails.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <param name="options">How it is read; null for the defaults.</param>
    /// <param name="diagnostics">Receives errors, warnings and notes.</param>
    public static Model? TryLoad(string path, LoadOptions? options, DiagnosticBag diagnostics)
    {
        options ??= new LoadOptions();
        return Operation.Try(options.Logger, diagnostics, found => ModelLoader.LoadToRun(path, options.Import, found) is { } loaded ? new Model(loaded, options) : null);
    }

    /// <summary>
    /// Closes the files. What runs in another thread may end first: the files are closed behind it, and nothing new begins.
    /// </summary>
    public void Dispose() => lease.Dispose();
}
