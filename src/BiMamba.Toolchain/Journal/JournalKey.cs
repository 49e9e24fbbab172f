using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Frontend;
using BiMamba.Pipeline;
using BiMamba.Tensors;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.Toolchain.Journal;

/// <summary>Something on which the result of a run depends.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">What it is in this run.</param>
internal sealed record JournalPart(string Name, string Value);

/// <summary>
/// Everything on which the low-bit blocks of a run depend; threads are not among it. Inputs are known by name, length, time
/// of change and a sample of their bytes: to read all of them takes too long to wait for.
/// </summary>
internal sealed record JournalKey(IReadOnlyList<JournalPart> Parts)
{
    private const int Pieces = 64;
    private const int PieceBytes = 4096;
    private const int MostShown = 400;

    private static readonly string[] Shown = ["tool", "pipeline", "fidelity", "norm group size", "nsamples", "seqlen", "seed"];

    /// <summary>SHA-256 of all parts.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Parts.Select(part => $"{part.Name.Length}:{part.Name}{part.Value.Length}:{part.Value}")))));

    /// <summary>The key of a conversion; null with diagnostics where an input cannot be read.</summary>
    /// <param name="model">The model that is converted.</param>
    /// <param name="import">How it was read.</param>
    /// <param name="pipeline">The stages.</param>
    /// <param name="calibration">What the recipe says of the calibration.</param>
    /// <param name="windows">The ids of all samples.</param>
    /// <param name="diagnostics">Receives errors.</param>
    public static JournalKey? Of(LoadedModel model, ImportOptions import, PassPipeline pipeline, CalibrationJson calibration, IReadOnlyList<int[]> windows, DiagnosticBag diagnostics)
    {
        var sources = model.Files.Select(file => Source(file, diagnostics)).Order(StringComparer.Ordinal).ToArray();
        return diagnostics.HasErrors ? null : new JournalKey(
        [
            new("tool", ToolVersion.Build), new("pipeline", pipeline.ToString()), new("model files", string.Join('\n', sources)),
            new("fidelity", import.Fidelity), new("norm group size", import.NormGroupSize is { } size ? Number(size) : "of the layout"), new("tokenizer", model.Tokenizer?.Hash ?? ""),
            new("calibration text", calibration.Sha256), new("nsamples", Number(calibration.Samples)), new("seqlen", Number(calibration.SequenceLength)), new("seed", Number(calibration.Seed)),
            new("windows", Windows(windows)),
        ]);
    }

    /// <summary>The parts in which another key differs, short values with them.</summary>
    public string Differences(JournalKey other)
    {
        var names = Parts.Concat(other.Parts).Select(part => part.Name).Distinct(StringComparer.Ordinal);
        return string.Join(", ", names.Where(name => Find(name) != other.Find(name)).Select(name =>
            Shown.Contains(name, StringComparer.Ordinal) && other.Find(name) is { Length: < MostShown } found ? $"{name} (here {Find(name)}, there {found})" : name));
    }

    private string? Find(string name) => Parts.FirstOrDefault(part => part.Name == name)?.Value;

    private static string Source(string file, DiagnosticBag diagnostics)
    {
        using var map = FileMap.Open(file, diagnostics);
        return map is null ? "" : $"{Path.GetFileName(file)} {Number(map.Length)} {Number(File.GetLastWriteTimeUtc(file).Ticks)} {Sample(map)}";
    }

    /// <summary>Pieces from the first to the last byte: files of one shape that were unpacked with one time differ in them.</summary>
    private static string Sample(FileMap map)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = (int)Math.Min(PieceBytes, map.Length);
        for (long piece = 0; piece < Pieces && length > 0; piece++)
            hash.AppendData(map.Copy((long)((Int128)(map.Length - length) * piece / (Pieces - 1)), length));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Windows(IReadOnlyList<int[]> windows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var window in windows)
            hash.AppendData(MemoryMarshal.AsBytes(window.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
