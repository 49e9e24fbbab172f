using System.Text.Json;
using BiMamba.Benchmarks.Results;

namespace BiMamba.Benchmarks.Document;

/// <summary>Writes the document, its plots and its results; a file appears whole or not at all.</summary>
internal static class DocumentFiles
{
    /// <summary>Writes PERFORMANCE.md and the folder performance.</summary>
    public static void Write(PerformanceResults results, string folder)
    {
        var assets = Path.Combine(folder, PerformanceDocument.Folder);
        Directory.CreateDirectory(assets);
        var plots = Plots.Of(results);
        foreach (var (file, plot) in plots)
            Replace(Path.Combine(assets, file), plot.ToSvg());
        foreach (var old in Directory.GetFiles(assets, "*.svg").Where(path => plots.All(plot => plot.File != Path.GetFileName(path))))
            File.Delete(old);
        Replace(Path.Combine(assets, "results.json"), JsonSerializer.Serialize(results, ResultsJson.Plain.PerformanceResults) + "\n");
        Replace(Path.Combine(folder, "PERFORMANCE.md"), PerformanceDocument.Write(results));
    }

    /// <summary>Reads results.</summary>
    public static PerformanceResults Read(string path) =>
        JsonSerializer.Deserialize(File.ReadAllText(path), ResultsJson.Plain.PerformanceResults) ?? throw new JsonException($"{path}: no results");

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
