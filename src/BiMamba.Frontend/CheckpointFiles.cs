using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Safetensors;
using BiMamba.Formats.TorchPickle;
using BiMamba.Tensors;

namespace BiMamba.Frontend;

/// <summary>The format of weight files.</summary>
public enum WeightFormat
{
    /// <summary>safetensors.</summary>
    Safetensors,

    /// <summary>Files of torch.save.</summary>
    Torch,
}

/// <summary>Which files make a checkpoint: found by their names alone, nothing is read.</summary>
/// <param name="Format">The format of the weights.</param>
/// <param name="Weights">The weight files; empty where an index names them.</param>
/// <param name="Index">The index of a sharded checkpoint, or null.</param>
/// <param name="Config">The configuration.</param>
/// <param name="Tokenizer">The tokenizer, or null.</param>
public sealed record CheckpointFiles(
    WeightFormat Format,
    IReadOnlyList<string> Weights,
    string? Index,
    string Config,
    string? Tokenizer)
{
    private static readonly string[] ConfigNames = ["config.json", "params.json"];

    // Files that a trainer leaves beside its weights.
    private static readonly HashSet<string> NotWeights =
        new(["training_args.bin", "optimizer.bin", "scheduler.bin", "scaler.bin"], StringComparer.Ordinal);

    /// <summary>Finds the files of a checkpoint.</summary>
    /// <param name="path">A folder, or one .safetensors, .bin, .pt or .pth file with its configuration beside it.</param>
    /// <param name="options">Names of the configuration and the tokenizer, where they lie elsewhere.</param>
    /// <param name="diagnostics">Receives what is missing.</param>
    /// <returns>The files, or null after an error.</returns>
    public static CheckpointFiles? Locate(string path, ImportOptions options, DiagnosticBag diagnostics)
    {
        (WeightFormat Format, IReadOnlyList<string> Weights, string? Index)? found;
        if (Directory.Exists(path))
            found = InFolder(path, diagnostics);
        else if (File.Exists(path))
            found = OfFile(path, diagnostics);
        else
        {
            diagnostics.Add(InputDiagnostics.Missing, "the checkpoint does not exist", Place.OfFile(path), "check the path");
            return null;
        }

        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path) ?? "";
        var config = Named(options.ConfigPath, "configuration", diagnostics)
            ?? (options.ConfigPath is null ? ConfigBeside(folder, found?.Weights ?? [], diagnostics) : null);
        var tokenizer = Named(options.TokenizerPath, "tokenizer", diagnostics);
        if (options.TokenizerPath is null && Path.Combine(folder, "tokenizer.json") is var beside && File.Exists(beside))
            tokenizer = beside;
        return found is not { } weights || config is null || (options.TokenizerPath is not null && tokenizer is null)
            ? null
            : new CheckpointFiles(weights.Format, weights.Weights, weights.Index, config, tokenizer);
    }

    /// <summary>Opens the weights. Null after an error.</summary>
    public TensorArchive? Open(DiagnosticBag diagnostics) => Format switch
    {
        WeightFormat.Safetensors => Index is null ? SafetensorsReader.OpenFiles(Weights, diagnostics) : SafetensorsReader.OpenSharded(Index, diagnostics),
        WeightFormat.Torch => Index is null ? TorchReader.OpenFiles(Weights, diagnostics) : TorchReader.OpenSharded(Index, diagnostics),
        _ => throw new InvalidOperationException($"unknown weight format {Format}"),
    };

    private static (WeightFormat Format, IReadOnlyList<string> Weights, string? Index)? OfFile(string path, DiagnosticBag diagnostics)
    {
        switch (Path.GetExtension(path).ToUpperInvariant())
        {
            case ".SAFETENSORS":
                return (WeightFormat.Safetensors, [path], null);
            case ".BIN" or ".PT" or ".PTH":
                return (WeightFormat.Torch, [path], null);
            default:
                diagnostics.Add(InputDiagnostics.UnknownKind, $"expected a folder or a .safetensors, .bin, .pt, .pth or .gguf file, found one that ends in '{Path.GetExtension(path)}'", Place.OfFile(path), "give the file the ending of its format");
                return null;
        }
    }

    private static (WeightFormat Format, IReadOnlyList<string> Weights, string? Index)? InFolder(string folder, DiagnosticBag diagnostics)
    {
        try
        {
            var safetensors = OfFormat(folder, "model", ".safetensors");
            var torch = OfFormat(folder, "pytorch_model", ".bin");
            if (safetensors is var (weights, index))
            {
                if (torch is not null)
                    diagnostics.Add(InputDiagnostics.SeveralKinds, "the folder holds .safetensors and .bin files; the .safetensors files are used", Place.OfFile(folder), "name a file to choose it");
                return (WeightFormat.Safetensors, weights, index);
            }

            if (torch is var (binWeights, binIndex))
                return (WeightFormat.Torch, binWeights, binIndex);
            diagnostics.Add(
                InputDiagnostics.NoCheckpoint,
                "looked for model.safetensors.index.json, model.safetensors, *.safetensors, pytorch_model.bin.index.json, pytorch_model.bin and *.bin, found none of them",
                Place.OfFile(folder),
                "name a weight file or its folder");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(InputDiagnostics.Unreadable, $"the folder cannot be listed: {e.Message}", Place.OfFile(folder));
        }

        return null;
    }

    private static (IReadOnlyList<string> Weights, string? Index)? OfFormat(string folder, string name, string extension)
    {
        var single = Path.Combine(folder, name + extension);
        var index = single + ".index.json";
        if (File.Exists(index))
            return ([], index);
        if (File.Exists(single))
            return ([single], null);
        var all = Directory.EnumerateFiles(folder)
            .Where(file => file.EndsWith(extension, StringComparison.Ordinal) && !NotWeights.Contains(Path.GetFileName(file)))
            .Order(StringComparer.Ordinal).ToArray();
        return all.Length == 0 ? null : (all, null);
    }

    private static string? Named(string? path, string what, DiagnosticBag diagnostics)
    {
        if (path is null || File.Exists(path))
            return path;
        diagnostics.Add(InputDiagnostics.Missing, $"the {what} does not exist", Place.OfFile(path), "check the path");
        return null;
    }

    private static string? ConfigBeside(string folder, IReadOnlyList<string> weights, DiagnosticBag diagnostics)
    {
        // consolidated.safetensors is Codestral's own layout, which params.json describes even where a config.json
        // for another loader lies beside it.
        var consolidated = weights.Any(file => Path.GetFileName(file).StartsWith("consolidated", StringComparison.Ordinal));
        var names = consolidated ? ConfigNames.Reverse() : ConfigNames;
        foreach (var name in names)
        {
            if (Path.Combine(folder, name) is var path && File.Exists(path))
                return path;
        }

        diagnostics.Add(
            FrontendDiagnostics.ConfigMissing,
            $"looked for {string.Join(" and ", ConfigNames)} beside the weights, found neither",
            Place.OfFile(folder.Length > 0 ? folder : "."),
            "put the configuration of the checkpoint beside the weights or name it");
        return null;
    }
}
