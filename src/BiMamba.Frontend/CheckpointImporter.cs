using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;
using BiMamba.Frontend.Gguf;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Frontend;

/// <summary>
/// Turns a checkpoint into a module. Names and shapes of tensors decide what the model is; the configuration confirms
/// it and adds what no tensor tells. No weights are read, except to compare a stored head with the embedding.
/// </summary>
public static class CheckpointImporter
{
    /// <summary>Imports a folder or a file.</summary>
    /// <param name="path">A folder, or one .safetensors, .bin, .pt, .pth or .gguf file.</param>
    /// <param name="options">What the user decides; a GGUF file is its own configuration.</param>
    /// <param name="diagnostics">Receives all errors, warnings and notes: <see cref="FrontendDiagnostics"/> and those of the readers.</param>
    /// <returns>The model, or null after an error. The caller disposes it.</returns>
    public static ImportedModel? Import(string path, ImportOptions options, DiagnosticBag diagnostics)
    {
        if (IsGguf(path))
            return ImportGguf(path, options, diagnostics);
        if (CheckpointFiles.Locate(path, options, diagnostics) is not { } files)
            return null;
        var config = ConfigText.ReadFile(files.Config, diagnostics);
        var archive = files.Open(diagnostics);
        var model = config is null || archive is null ? null : Import(archive, config, files.Config, options, files, diagnostics);
        if (model is null)
            archive?.Dispose();
        return model;
    }

    /// <summary>Imports tensors that are open already.</summary>
    /// <param name="archive">The tensors. The model owns them where one is returned; the caller keeps them otherwise.</param>
    /// <param name="config">The text of the configuration.</param>
    /// <param name="configName">The file that messages about the configuration name.</param>
    /// <param name="options">What the user decides; its paths are not used.</param>
    /// <param name="diagnostics">Receives all errors, warnings and notes.</param>
    /// <returns>The model, or null after an error.</returns>
    public static ImportedModel? Import(TensorArchive archive, string config, string configName, ImportOptions options, DiagnosticBag diagnostics) =>
        Import(archive, System.Text.Encoding.UTF8.GetBytes(config), configName, options, null, diagnostics);

    /// <summary>True for a file that begins as a GGUF file does, or is called so.</summary>
    public static bool IsGguf(string path) =>
        File.Exists(path) && (Path.GetExtension(path).Equals(".gguf", StringComparison.OrdinalIgnoreCase) || GgufReader.IsGguf(path));

    private static ImportedModel? ImportGguf(string path, ImportOptions options, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        ImportedModel? model = null;
        if (options.TokenizerPath is { } tokenizer && !File.Exists(tokenizer))
            found.Add(InputDiagnostics.Missing, "the tokenizer does not exist", Place.OfFile(tokenizer), "check the path");
        else if (GgufCheckpoint.Open(path, found) is { } checkpoint)
        {
            model = new Run(checkpoint.Archive, options, null, found).Import(checkpoint);
            if (model is null)
                checkpoint.Archive.Dispose();
        }

        diagnostics.AddRange(found);
        return model;
    }

    private static ImportedModel? Import(TensorArchive archive, byte[] configText, string configName, ImportOptions options, CheckpointFiles? files, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        var model = new Run(archive, options, files, found).Import(configText, configName);
        diagnostics.AddRange(found);
        return model;
    }

    /// <summary>One import.</summary>
    private sealed class Run(TensorArchive archive, ImportOptions options, CheckpointFiles? files, DiagnosticBag diagnostics)
    {
        public ImportedModel? Import(byte[] configText, string configName)
        {
            if (ConfigText.Parse(configText, configName, diagnostics) is not { } values)
                return null;
            return Import(new ModelConfig(values, configName, diagnostics), CheckpointTensors.Map(archive, diagnostics), null);
        }

        public ImportedModel? Import(GgufCheckpoint checkpoint)
        {
            var values = GgufKeys.Values(checkpoint.Metadata, checkpoint.Names.Architecture);
            var config = new ModelConfig(values, checkpoint.Metadata.Path, diagnostics, checkpoint.Names);
            return Import(config, CheckpointTensors.Map(archive, diagnostics, checkpoint.Names), checkpoint);
        }

        private ImportedModel? Import(ModelConfig config, CheckpointTensors tensors, GgufCheckpoint? gguf)
        {
            if (new UnsupportedChecks(tensors, config, diagnostics).Run() is not { } family)
                return null;
            var checks = new TensorChecks(tensors, config, diagnostics);
            if (!checks.Elements())
                return null;
            var dimensions = Dimensions.Of(tensors, family, config.Integer(ConfigKeys.Groups)?.Value ?? 1);
            checks.Run(dimensions, family);
            new ConfigChecks(tensors, config, diagnostics).Run(dimensions, family);
            gguf?.Check(diagnostics);
            var identity = ModelIdentity.Of(tensors, config, family);
            var settings = new SettingsReader(tensors, config, identity, options, diagnostics).Read(dimensions, family);
            return diagnostics.HasErrors ? null : Build(tensors, config, identity, settings, gguf);
        }

        private ImportedModel? Build(CheckpointTensors tensors, ModelConfig config, ModelIdentity identity, BlockSettings settings, GgufCheckpoint? gguf)
        {
            var d = settings.Dimensions;
            var vocabulary = config.Integer(ConfigKeys.Vocabulary)?.Value;
            var attributes = ImmutableArray.Create<KeyValuePair<string, AttributeValue>>(
                new("arch", new AttributeValue.Word(identity.Architecture)),
                new("layout", new AttributeValue.Word(identity.Layout)),
                new("d_model", new AttributeValue.Int(d.Model!.Value)),
                new("n_layer", new AttributeValue.Int(tensors.Layers.Count)),
                new("vocab", new AttributeValue.Int(vocabulary ?? d.Rows!.Value)),
                new("rows", new AttributeValue.Int(d.Rows!.Value)));
            var module = ModuleBuilder.Build(tensors, settings, identity.Architecture, attributes);
            if (!Verifier.Verify(module, "import", diagnostics))
                return null;
            return new ImportedModel(module, archive)
            {
                Architecture = identity.Architecture,
                Layout = identity.Layout,
                TokenizerPath = gguf is null ? files?.Tokenizer : options.TokenizerPath,
                StoredTokenizer = gguf is null || options.TokenizerPath is not null ? null : GgufTokenizer.Read(gguf.Metadata, diagnostics),
                Files = [.. archive.Files, .. files is null ? [] : new[] { files.Config }, .. files?.Index is { } index && !archive.Files.Contains(index) ? new[] { index } : []],
                ConfigVocabulary = (int?)vocabulary,
                Summary = Summarize(module, identity, settings, vocabulary),
            };
        }

        private static string Summarize(Module module, ModelIdentity identity, BlockSettings settings, long? vocabulary)
        {
            var d = settings.Dimensions;
            var ops = module.Blocks.SelectMany(block => block.Body).ToArray();
            var binarized = ops.Count(op => op.Code == OpCode.FbiLinear);
            string[] parts =
            [
                $"{identity.Architecture} in the {identity.Layout} layout",
                $"{module.Blocks.Length - 2} layers",
                $"d_model {d.Model}",
                $"d_inner {d.Inner}",
                settings.Family == BlockFamily.Mamba2 ? $"{d.Heads} heads of {d.HeadWidth}, {d.Groups} {(d.Groups == 1 ? "group" : "groups")}" : $"time step rank {d.Rank}",
                $"state {d.State}",
                $"vocabulary {vocabulary ?? d.Rows} in {d.Rows} rows",
                settings.TiedHead ? "tied head" : "head of its own",
                .. binarized > 0 ? new[] { $"{binarized} of {binarized + ops.Count(op => op.Code == OpCode.Linear)} projections binarized" } : [],
            ];
            return string.Join(", ", parts);
        }
    }
}
