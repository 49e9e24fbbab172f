using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Tensors;

namespace BiMamba.Comparison.RunFiles;

/// <summary>Reads a run file.</summary>
public static class RunFileReader
{
    private const long MaxBytes = 1 << 20;
    private const int MaxRows = 1000;

    private static readonly string[] Trainings = ["full", "bat", "ptb"];
    private static readonly string[] Engines = ["fast", "reference"];

    /// <summary>The run file, with paths from the current folder; null where the bag got an error.</summary>
    public static RunFile? Read(string path, DiagnosticBag diagnostics)
    {
        using var map = FileMap.Open(path, diagnostics);
        if (map is null)
            return null;
        if (map.Length > MaxBytes)
        {
            Report($"expected at most {MaxBytes} bytes, found {map.Length}");
            return null;
        }

        try
        {
            var run = JsonSerializer.Deserialize(map.Copy(0, (int)map.Length), RunFileJson.Default.RunFile);
            if ((run is null ? "expected an object, found null" : Check(run)) is { } problem)
            {
                Report(problem);
                return null;
            }

            return Resolve(run!, Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (JsonException e)
        {
            Report(e.Message);
            return null;
        }

        void Report(string message) =>
            diagnostics.Add(ComparisonDiagnostics.RunFile, message, Place.OfFile(path), "bimambac compare --schema shows what a run file holds");
    }

    /// <summary>What is wrong with a run, or null.</summary>
    public static string? Check(RunFile run)
    {
        // Elements of a list may be null, whatever their type says.
        if (run.Models.Any(model => model is null) || run.Corpora.Any(corpus => corpus is null))
            return "models, corpora: expected objects, found null";
        if (run.Models.Count is 0 or > MaxRows || run.Corpora.Count is 0 or > MaxRows)
            return $"expected 1 to {MaxRows} models and corpora, found {run.Models.Count} and {run.Corpora.Count}";
        if (Twice(run.Models.Select(model => model.Name)) is { } model)
            return $"models: expected every name once and none empty, found '{model}'";
        if (Twice(run.Corpora.Select(corpus => corpus.Name)) is { } corpus)
            return $"corpora: expected every name once and none empty, found '{corpus}'";
        if (run.Reference is { } reference && run.Models.All(row => row.Name != reference))
            return $"reference: expected the name of a model, found '{reference}'";
        if (run.KlWindows < 1)
            return $"klWindows: expected a whole number from 1, found {run.KlWindows}";
        return Word("engine", run.Engine, Engines) ?? run.Models.Select(Problem).Concat(run.Corpora.Select(Problem)).FirstOrDefault(problem => problem is not null);
    }

    private static string? Problem(RunModel model)
    {
        if (!IsPath(model.Model))
            return $"{model.Name}.model: expected a checkpoint or a file, found an empty name or one with a NUL";
        if (model.Tokenizer is { } tokenizer && !IsPath(tokenizer))
            return $"{model.Name}.tokenizer: expected a file or the word bytes, found an empty name or one with a NUL";
        if (model is { Calibration: not null, Method: null })
            return $"{model.Name}.calibration: expected a method that looks at it, found none";
        if (model.Calibration is { } calibration && (!IsPath(calibration.File) || calibration.Samples < 1 || calibration.Length < 1 || calibration.Seed < 0))
            return $"{model.Name}.calibration: expected a file, samples and length from 1 and a seed from 0";
        return model.Training is { } training ? Word($"{model.Name}.training", training, Trainings) : null;
    }

    private static string? Problem(RunCorpus corpus)
    {
        if (!IsPath(corpus.File))
            return $"{corpus.Name}.file: expected a file, found an empty name or one with a NUL";
        if (corpus.Context is < 2 || corpus.MaxWindows is < 1)
            return $"{corpus.Name}: expected a context from 2 and windows from 1";
        return Word($"{corpus.Name}.protocol", corpus.Protocol, [.. Protocol.All.Where(row => !row.NeedsReference).Select(row => row.Name)])
            ?? Word($"{corpus.Name}.join", corpus.Join, [.. JoinRule.All.Select(row => row.Name)]);
    }

    private static bool IsPath(string path) => path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal);

    private static string? Word(string what, string found, string[] words) =>
        words.Contains(found) ? null : $"{what}: expected one of {string.Join(", ", words)}, found '{found}'";

    private static string? Twice(IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return names.FirstOrDefault(name => string.IsNullOrWhiteSpace(name) || !seen.Add(name));
    }

    private static RunFile Resolve(RunFile run, string folder)
    {
        return run with
        {
            Models = [.. run.Models.Select(model => model with
            {
                Model = Full(model.Model),
                Tokenizer = model.Tokenizer is { } tokenizer and not "bytes" ? Full(tokenizer) : model.Tokenizer,
                Calibration = model.Calibration is { } calibration ? calibration with { File = Full(calibration.File) } : null,
            })],
            Corpora = [.. run.Corpora.Select(corpus => corpus with { File = Full(corpus.File) })],
        };

        string Full(string path) => Path.GetFullPath(path, folder);
    }
}
