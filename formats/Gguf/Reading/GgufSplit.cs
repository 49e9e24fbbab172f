using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;

namespace BiMamba.Formats.Gguf.Reading;

/// <summary>Models in several files.</summary>
/// <remarks>Names and keys are those of gguf-split of llama.cpp: names count from 1, <c>split.no</c> from 0.</remarks>
internal static class GgufSplit
{
    /// <summary>The key of the number of files.</summary>
    public const string CountKey = "split.count";

    private const string NumberKey = "split.no";
    private const string TensorsKey = "split.tensors.count";
    private const int MaxFiles = 9999;

    /// <summary>Opens the files that belong to the one of a list, which becomes the list of all in their order.</summary>
    /// <param name="files">One file, and afterwards every file that was opened.</param>
    /// <param name="value">The value of its <see cref="CountKey"/>.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <returns>False after an error.</returns>
    public static bool Open(List<GgufFile> files, GgufValue value, DiagnosticBag diagnostics)
    {
        var given = files[0];
        if (value.AsInteger() is not ({ } count and >= 2 and <= MaxFiles))
        {
            Report(given.Path, CountKey, $"expected a number of files from 1 to {MaxFiles}, found {value.AsInteger()?.ToString(CultureInfo.InvariantCulture) ?? "no integer"}", diagnostics);
            return false;
        }

        if (Stem(given.Path, (int)count) is not { } stem)
        {
            Report(given.Path, null, $"expected a name that ends in {NameOf("", 1, (int)count)}, as that of one of {count} files", diagnostics, "give the file the name that gguf-split gave it, beside the others, or join the files with 'llama-gguf-split --merge'");
            return false;
        }

        var complete = true;
        files.Clear();
        for (var number = 1; number <= count; number++)
        {
            var path = NameOf(stem, number, (int)count);
            var file = path == given.Path ? given : GgufReader.Open(path, diagnostics);
            complete &= file is not null;
            if (file is not null)
                files.Add(file);
        }

        if (!files.Contains(given))
            files.Add(given);
        return complete && AreOne(files, diagnostics);
    }

    private static bool AreOne(List<GgufFile> files, DiagnosticBag diagnostics)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var sound = true;
        for (var i = 0; i < files.Count; i++)
        {
            sound &= Expect(files[i], CountKey, files.Count, diagnostics) && Expect(files[i], NumberKey, i, diagnostics);
            foreach (var entry in files[i].Tensors.Where(entry => !names.TryAdd(entry.Name, files[i].Path)))
            {
                sound = false;
                diagnostics.Add(InputDiagnostics.DuplicateTensor, $"the tensor is in '{names[entry.Name]}' and in '{files[i].Path}'", new Place(files[i].Path, Printable.Name(entry.Name)), "take the files of one model");
            }
        }

        return sound && (files[0].Find(TensorsKey) is null || Expect(files[0], TensorsKey, names.Count, diagnostics));
    }

    private static bool Expect(GgufFile file, string key, int expected, DiagnosticBag diagnostics)
    {
        var found = file.Find(key)?.AsInteger();
        if (found == expected)
            return true;
        Report(file.Path, key, $"expected {expected}, found {found?.ToString(CultureInfo.InvariantCulture) ?? "no integer"}", diagnostics, "take the files of one model");
        return false;
    }

    /// <summary>What stands before the number in the name of one of some files; null where the name is not one of theirs.</summary>
    private static string? Stem(string path, int count)
    {
        var end = NameOf("", 1, count);
        if (path.Length < end.Length)
            return null;
        var stem = path[..^end.Length];
        return int.TryParse(path.AsSpan(stem.Length + 1, 5), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1 && number <= count && path == NameOf(stem, number, count)
            ? stem
            : null;
    }

    private static string NameOf(string stem, int number, int count) => string.Create(CultureInfo.InvariantCulture, $"{stem}-{number:D5}-of-{count:D5}.gguf");

    private static void Report(string path, string? key, string message, DiagnosticBag diagnostics, string hint = GgufCursor.Damaged) =>
        diagnostics.Add(GgufDiagnostics.Split, message, new Place(path, Field: key), hint);
}
