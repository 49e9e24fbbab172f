using System.Globalization;
using System.Text.Json;
using BiMamba.CommandLine.Console;
using BiMamba.Comparison.Cells;
using BiMamba.Comparison.Results;
using BiMamba.Comparison.RunFiles;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Bimb;
using BiMamba.Frontend;
using BiMamba.IR;
using BiMamba.Tensors;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Comparisons;

/// <summary>Opens the models of a comparison, and makes those that have a method by the command <c>convert</c>.</summary>
internal sealed class RowModels(CommandContext context, CellStore store, int threads)
{
    private readonly Dictionary<RunModel, ModelKey> keys = [];
    private readonly Dictionary<string, string> hashes = new(StringComparer.Ordinal);

    /// <summary>What a row depends on; null where the bag got an error.</summary>
    public ModelKey? KeyOf(RunModel model)
    {
        if (keys.TryGetValue(model, out var known))
            return known;
        using var loaded = ModelLoader.LoadToRun(model.Model, Import(model), context.Diagnostics);
        if (loaded is null)
            return null;
        using var sources = SourceHashes.Start(
            loaded.Files, loaded.Module.Files, threads, new DirectProgress<(long, long)>(_ => { }), context.Diagnostics, context.Cancellation);
        if (sources is null)
            return null;
        string[] files = [.. sources.Finish().Select(source => $"{source.Name} {source.Sha256}")];
        string? calibration = null;
        if (model.Calibration is { } data)
        {
            if (HashOf(data.File) is not { } sha256)
                return null;
            calibration = string.Create(CultureInfo.InvariantCulture, $"{sha256} {data.Samples} {data.Length} {data.Seed}");
        }

        return keys[model] = new ModelKey($"bimambac {ToolVersion.Text}", files, loaded.Tokenizer?.Hash, model.Method, calibration);
    }

    /// <summary>SHA-256 of a text; null where the bag got an error.</summary>
    public string? HashOf(string path)
    {
        if (hashes.TryGetValue(path, out var known))
            return known;
        using var sources = SourceHashes.Start([path], [], threads, new DirectProgress<(long, long)>(_ => { }), context.Diagnostics, context.Cancellation);
        return sources is null ? null : hashes[path] = sources.Finish()[0].Sha256;
    }

    /// <summary>The model of a row, made if need be; null where an error was shown or the bag got one.</summary>
    public LoadedModel? Open(RunModel model)
    {
        if (PathOf(model) is not { } path)
            return null;
        return ModelLoader.LoadToRun(path, model.Method is null ? Import(model) : new ImportOptions(), context.Diagnostics);
    }

    /// <summary>The file of a row, made if need be; null where an error was shown or the bag got one.</summary>
    public string? PathOf(RunModel model)
    {
        if (model.Method is null)
            return model.Model;
        if (KeyOf(model) is not { } key)
            return null;
        var target = store.PathOf(key, BimbFormat.Extension);
        var turnFile = target + ".lock";
        if (File.Exists(target))
        {
            Partial.RemoveUnowned(turnFile);
            return target;
        }

        if (!CellStore.CreateFolder(target, context.Diagnostics))
            return null;
        using var turn = WaitForTurn(turnFile);
        return turn is not null && (File.Exists(target) || Convert(model, target)) ? target : null;
    }

    /// <summary><c>full</c>, <c>bat</c> or <c>ptb</c>, as the model tells: what a run file says of it is no measurement.</summary>
    public static string TrainingOf(LoadedModel loaded)
    {
        var pipeline = loaded.Owned is BimbFile file ? PipelineOf(file.Recipe) : "";
        if (loaded.Module.Level == Level.Fbi || pipeline.Contains("fold-fbi", StringComparison.Ordinal))
            return "bat";
        return SizeLedger.Of(loaded.Module, 0).BinarizedBits is null ? "full" : "ptb";
    }

    /// <summary>What a model takes.</summary>
    public static ModelSize SizeOf(LoadedModel loaded)
    {
        var bytes = loaded.Module.Files.Sum(map => map.Length);
        if (loaded.Owned is BimbFile)
            bytes = new FileInfo(loaded.Path).Length;
        var ledger = SizeLedger.Of(loaded.Module, bytes);
        return new ModelSize(ledger.Weights, bytes, ledger.BinarizedBits, ledger.FileBits);
    }

    private static ImportOptions Import(RunModel model) => new(TokenizerPath: model.Tokenizer);

    private static string PipelineOf(string recipe)
    {
        try
        {
            return JsonSerializer.Deserialize(recipe, RecipeSchema.Plain.RecipeJson)?.Pipeline ?? "";
        }
        catch (JsonException)
        {
            // A recipe is foreign text: what it does not say is told from the model.
            return "";
        }
    }

    /// <summary>Two processes that need the same model make it once. Null where the bag got an error.</summary>
    private FileStream? WaitForTurn(string path)
    {
        while (true)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException e) when (Partial.IsOwned(e))
            {
                context.Cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(500));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                AtomicFile.ReportNotWritable(path, e, context.Diagnostics);
                return null;
            }
        }
    }

    private bool Convert(RunModel model, string target)
    {
        context.Terminal.WriteLine($"{model.Name}: {model.Method}");
        List<string> arguments = ["convert", model.Model, "--output", target, "--pipeline", model.Method!, "--force", "--quiet", "--threads", threads.ToString(CultureInfo.InvariantCulture)];
        if (model.Tokenizer is { } tokenizer)
            arguments.AddRange(["--tokenizer", tokenizer]);
        if (model.Calibration is { } data)
            arguments.AddRange(["--calibration", data.File, "--nsamples", Number(data.Samples), "--seqlen", Number(data.Length), "--seed", Number(data.Seed), "--resume"]);
        // What the command says of an error is what a user would see; the result of this one goes elsewhere.
        using var terminal = new Terminal(TextWriter.Null, context.Terminal.Error, isInteractive: false, allowsColour: false);
        var code = Program.RunAsync([.. arguments], terminal, context.Cancellation).GetAwaiter().GetResult();
        context.Cancellation.ThrowIfCancellationRequested();
        if (code != 0)
            context.Diagnostics.Add(code == (int)ExitCode.OutputRefused ? OutputDiagnostics.NotWritable : ComparisonDiagnostics.RowFailed, $"row '{model.Name}': bimambac convert ended with code {code}", Place.OfFile(model.Model), "see the message above");
        return code == 0;

        static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
