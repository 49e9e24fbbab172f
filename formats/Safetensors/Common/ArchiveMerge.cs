using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Formats.Common;

/// <summary>Several files as one archive.</summary>
internal static class ArchiveMerge
{
    /// <summary>
    /// Opens every file and merges their tensors. Null if a file is refused or two hold a tensor of the same name;
    /// the diagnostics of all files are collected.
    /// </summary>
    public static TensorArchive? Open(IReadOnlyList<string> paths, OpenArchiveFile open, DiagnosticBag diagnostics)
    {
        var files = new List<ArchiveFile>();
        var tensors = new Dictionary<string, ArchiveEntry>(StringComparer.Ordinal);
        var complete = true;
        foreach (var path in paths)
        {
            if (open(path, diagnostics) is not { } file)
            {
                complete = false;
                continue;
            }

            files.Add(file);
            complete &= Add(tensors, path, file, diagnostics);
        }

        if (complete)
            return new TensorArchive(tensors, [.. paths], [.. files.Select(file => file.Map)]);
        foreach (var file in files)
            file.Map.Dispose();
        return null;
    }

    /// <summary>Adds the tensors of one file. False with a diagnostic for each name that is there already.</summary>
    public static bool Add(Dictionary<string, ArchiveEntry> tensors, string path, ArchiveFile file, DiagnosticBag diagnostics)
    {
        var unique = true;
        foreach (var (name, tensor) in file.Tensors)
        {
            if (tensors.TryAdd(name, new ArchiveEntry(tensor, path)))
                continue;
            unique = false;
            diagnostics.Add(
                InputDiagnostics.DuplicateTensor,
                $"the tensor is in '{tensors[name].File}' and in '{path}'",
                new Place(path, Printable.Name(name)),
                "give only one of the files");
        }

        return unique;
    }
}
