using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Bimb;
using BiMamba.Frontend;
using BiMamba.Frontend.Text;
using BiMamba.Tokenizers;

namespace BiMamba.Toolchain.Models;

/// <summary>Opens whatever a <c>&lt;model&gt;</c> argument names: a .bimb file, IR text, or a checkpoint folder or file.</summary>
internal static class ModelLoader
{
    /// <summary>Rows of a vocabulary of bytes.</summary>
    private const int ByteRows = 256;

    /// <summary>True for a file that begins as a .bimb file does, or is called so.</summary>
    public static bool IsBimb(string path)
    {
        if (!File.Exists(path))
            return false;
        if (Path.GetExtension(path).Equals(BimbFormat.Extension, StringComparison.OrdinalIgnoreCase))
            return true;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            Span<byte> magic = stackalloc byte[4];
            return stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("BIMB"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reader that opens the file says why it cannot be read.
            return false;
        }
    }

    /// <summary>The model; null where the bag got an error.</summary>
    public static LoadedModel? Load(string path, ImportOptions options, DiagnosticBag diagnostics)
    {
        if (IrFiles.IsIrText(path))
            return LoadText(path, options, diagnostics);
        return IsBimb(path) ? LoadBimb(path, options, diagnostics) : LoadCheckpoint(path, options, diagnostics);
    }

    /// <summary>The model, checked so far that it can be run; null where the bag got an error.</summary>
    public static LoadedModel? LoadToRun(string path, ImportOptions options, DiagnosticBag diagnostics)
    {
        var model = Load(path, options, diagnostics);
        if (model is null)
            return null;
        if (model.Owned is IrModule { HasWeights: false })
            diagnostics.Add(IrTextDiagnostics.Weights, $"expected the weights of the text in {IrFiles.WeightsPath(path)}, which does not exist", Place.OfFile(path), "bimambac opt writes both with --save-weights");
        else if (model.Owned is not BimbFile file || BimbVerifier.VerifyIndices(file, diagnostics))
            return model;
        model.Dispose();
        return null;
    }

    private static LoadedModel? LoadBimb(string path, ImportOptions options, DiagnosticBag diagnostics)
    {
        if (IsImport(options))
        {
            diagnostics.Add(CommandDiagnostics.WrongModel, "--config, --norm-group-size and --fidelity say how a checkpoint is read, found a .bimb file, in which that is settled", Place.OfFile(path), "leave them out");
            return null;
        }

        if (BimbReader.Open(path, diagnostics) is not { } file)
            return null;
        var tokenizer = options.TokenizerPath is not null
            ? LoadTokenizer(options.TokenizerPath, diagnostics)
            : file.Tokenizer.Kind switch
            {
                BimbTokenizerKind.Bytes => new BytesTokenizer(),
                BimbTokenizerKind.Json => TokenizerJson.Parse(file.Tokenizer.Content, path, diagnostics),
                BimbTokenizerKind.None => null,
                _ => throw new InvalidOperationException($"unknown tokenizer kind {file.Tokenizer.Kind}"),
            };
        return Loaded(new LoadedModel(path, file.Module, tokenizer, [path], $"{file.Module.FindWord("arch")} .bimb, level {IR.Levels.Name(file.Module.Level)}", file), diagnostics);
    }

    private static LoadedModel? LoadText(string path, ImportOptions options, DiagnosticBag diagnostics)
    {
        if (IsImport(options))
        {
            diagnostics.Add(CommandDiagnostics.WrongModel, "--config, --norm-group-size and --fidelity say how a checkpoint is read, found IR text, in which that is settled", Place.OfFile(path), "leave them out");
            return null;
        }

        if (IrFiles.Open(path, diagnostics) is not { } model)
            return null;
        var tokenizer = FindTokenizer(options.TokenizerPath, model.Module.VocabularyRows, diagnostics);
        return Loaded(new LoadedModel(path, model.Module, tokenizer, model.Files, $"IR text, level {IR.Levels.Name(model.Module.Level)}", model), diagnostics);
    }

    private static LoadedModel? LoadCheckpoint(string path, ImportOptions options, DiagnosticBag diagnostics)
    {
        // The word bytes names no file, so the importer is not asked to find it.
        var isBytes = options.TokenizerPath == BytesTokenizer.KindName;
        if (options.ConfigPath is not null && CheckpointImporter.IsGguf(path))
        {
            diagnostics.Add(CommandDiagnostics.WrongModel, "--config names the configuration of a checkpoint, found a .gguf file, which has its own", Place.OfFile(path), "leave it out");
            return null;
        }

        if (CheckpointImporter.Import(path, isBytes ? options with { TokenizerPath = null } : options, diagnostics) is not { } model)
            return null;
        var tokenizer = model.StoredTokenizer is { } stored && !isBytes
            ? StoredTokenizers.Read(stored, path, diagnostics)
            : FindTokenizer(isBytes ? options.TokenizerPath : model.TokenizerPath, model.Module.VocabularyRows, diagnostics);
        return Loaded(new LoadedModel(path, model.Module, tokenizer, model.Files, model.Summary, model), diagnostics);
    }

    /// <summary>True where options say how a checkpoint is read.</summary>
    private static bool IsImport(ImportOptions options) => options with { TokenizerPath = null } != new ImportOptions();

    private static Tokenizer? FindTokenizer(string? path, int rows, DiagnosticBag diagnostics)
    {
        if (path is not null)
            return LoadTokenizer(path, diagnostics);
        return rows == ByteRows ? new BytesTokenizer() : null;
    }

    private static LoadedModel? Loaded(LoadedModel model, DiagnosticBag diagnostics)
    {
        if (!diagnostics.HasErrors)
            return model;
        model.Dispose();
        return null;
    }

    /// <summary>A tokenizer of a file, or of the word <c>bytes</c>.</summary>
    public static Tokenizer? LoadTokenizer(string path, DiagnosticBag diagnostics) =>
        path == BytesTokenizer.KindName ? new BytesTokenizer() : TokenizerJson.Load(path, diagnostics);
}
