using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Comparison.Cells;

/// <summary>
/// The results of cells, each a file named by the hash of what it depends on. A result appears whole or not at all, so that
/// processes on several machines can share a folder and an ended run goes on where it was.
/// </summary>
/// <param name="folder">The folder; it comes to be with the first result.</param>
public sealed class CellStore(string folder)
{
    private const long MaxBytes = 1L << 28;

    // Element k is of the positions from 2^k, which are whole numbers of 32 bits.
    private const int MaxPositions = 30;

    /// <summary>The file of a result.</summary>
    public string PathOf(CellKey key) => Path.Combine(folder, "cells", key.Hash + ".json");

    /// <summary>The file of a model that is made for a row.</summary>
    public string PathOf(ModelKey key, string extension) => Path.Combine(folder, "models", key.Hash[..32] + extension);

    /// <summary>A result; null where there is none. A warning says of a file that is damaged.</summary>
    public CellResult? Read(CellKey key, DiagnosticBag diagnostics)
    {
        var path = PathOf(key);
        if (!File.Exists(path))
            return null;
        using var map = FileMap.Open(path, diagnostics);
        if (map is null)
            return null;
        try
        {
            var result = map.Length > MaxBytes ? null : JsonSerializer.Deserialize(map.Copy(0, (int)map.Length), CellJson.Default.CellResult);
            if (result is { SchemaVersion: CellResult.Schema } && result.Key.Hash == key.Hash && IsSound(result))
                return result;
            Report("another cell or another version");
        }
        catch (JsonException e)
        {
            Report(e.Message);
        }

        return null;

        void Report(string found) => diagnostics.Add(ComparisonDiagnostics.BadCell, $"expected the result of a cell, found {found}", Place.OfFile(path));
    }

    /// <summary>True where the lists of a result fit one another. Elements of a list may be null, whatever their type says.</summary>
    private static bool IsSound(CellResult result) =>
        result.Windows.Count > 0
        && result.Windows.All(window => window is { Tokens: >= 0 } && window.PositionSums.Count <= MaxPositions && window.PositionTokens.Count == window.PositionSums.Count && window.PositionTokens.All(tokens => tokens >= 0))
        && (result.Divergence is null || result.Divergence.Blocks.All(block => block is not null));

    /// <summary>Writes a result; false with an error where that fails.</summary>
    public bool Write(CellResult result, DiagnosticBag diagnostics)
    {
        var path = PathOf(result.Key);
        if (!CreateFolder(path, diagnostics))
            return false;
        using var file = AtomicFile.Create(path, force: true, diagnostics);
        if (file is null)
            return false;
        try
        {
            JsonSerializer.Serialize(file.Stream, result, CellJson.Default.CellResult);
        }
        catch (IOException e)
        {
            AtomicFile.ReportNotWritable(path, e, diagnostics);
            return false;
        }

        return file.Commit(diagnostics);
    }

    /// <summary>Makes the folder of a file; false with an error where that fails.</summary>
    public static bool CreateFolder(string path, DiagnosticBag diagnostics)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.ReportNotWritable(path, e, diagnostics);
            return false;
        }
    }
}
