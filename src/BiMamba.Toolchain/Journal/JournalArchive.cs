using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Toolchain.Journal;

/// <summary>
/// A file of a journal: tensors and texts, with a SHA-256 over them and what the file is for, so that a damaged file and one
/// of another place are known.
/// </summary>
internal static class JournalArchive
{
    private const string HashKey = "sha256";

    /// <summary>Writes a file; false with an error where that fails.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="purpose">What it is for: the key of the run, stage and block.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="texts">The texts by name.</param>
    /// <param name="diagnostics">Receives the error.</param>
    /// <param name="cancellation">Looked at between pieces; nothing is left behind then.</param>
    public static bool Write(
        string path, string purpose, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string> texts, DiagnosticBag diagnostics, CancellationToken cancellation) =>
        SafetensorsWriter.Write(
            path, tensors, new Dictionary<string, string>(texts, StringComparer.Ordinal) { [HashKey] = Hash(purpose, tensors, texts) }, force: true, diagnostics, cancellation);

    /// <summary>Reads a file that is what it was when it was written; null with the reason otherwise.</summary>
    /// <param name="path">The file.</param>
    /// <param name="purpose">What it has to be for.</param>
    /// <param name="read">Takes what is wanted of the tensors, which do not outlive it, and of the texts.</param>
    /// <param name="reason">Receives the reason.</param>
    public static T? Read<T>(string path, string purpose, Func<IReadOnlyDictionary<string, Tensor>, IReadOnlyDictionary<string, string>, T?> read, ref string? reason)
        where T : class
    {
        var bag = new DiagnosticBag();
        using var archive = SafetensorsReader.OpenFile(path, bag);
        var texts = archive is null ? null : SafetensorsReader.ReadMetadata(path, bag);
        if (archive is null || texts is null)
        {
            reason = bag.Items[0].Message;
            return null;
        }

        var tensors = archive.Tensors.ToDictionary(pair => pair.Key, pair => pair.Value.Tensor, StringComparer.Ordinal);
        var own = texts.Where(pair => pair.Key != HashKey).ToDictionary(StringComparer.Ordinal);
        if (texts.GetValueOrDefault(HashKey) == Hash(purpose, [.. tensors], own))
            return read(tensors, own);
        reason = "the content has another SHA-256 than was written, or is of another block or run";
        return null;
    }

    private static string Hash(string purpose, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, purpose);
        foreach (var (name, text) in texts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Add(hash, name);
            Add(hash, text);
        }

        foreach (var (name, tensor) in tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Add(hash, name);
            Add(hash, $"{tensor.Type}{tensor.Shape}");
            Add(hash, TensorHash.Sha256(tensor));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
