using System.Text;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Formats.TorchPickle.Pickle;
using BiMamba.Formats.TorchPickle.Zip;
using BiMamba.Tensors;

namespace BiMamba.Formats.TorchPickle;

/// <summary>Opens one torch file: archive, pickle, state dict, tensors.</summary>
internal static class TorchFile
{
    private const string PickleName = "data.pkl";

    /// <summary>Maps and checks a file. Null with diagnostics if it is refused.</summary>
    public static ArchiveFile? Open(string path, DiagnosticBag diagnostics)
    {
        if (FileMap.Open(path, diagnostics) is not { } map)
            return null;
        if (ReadTensors(map, diagnostics) is { } tensors)
            return new ArchiveFile(map, tensors);
        map.Dispose();
        return null;
    }

    private static Dictionary<string, Tensor>? ReadTensors(FileMap map, DiagnosticBag diagnostics)
    {
        if (!TorchFileKind.IsArchive(map, diagnostics)
            || ZipDirectory.Read(map, diagnostics) is not { } entries
            || FindFolder(map, entries, diagnostics) is not { } folder
            || !CheckKind(map, folder, entries, diagnostics)
            || RunPickle(map, entries[$"{folder}/{PickleName}"], diagnostics) is not { } root
            || StateDict.Find(map.Path, root, diagnostics) is not { } declared)
            return null;
        var found = new DiagnosticBag();
        var reader = new TorchTensors(map, folder, entries, found);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in declared)
        {
            if (reader.Map(name, tensor) is { } mapped)
                tensors.Add(name, mapped);
            else if (found.Dropped > 0)
                break;
        }

        diagnostics.AddRange(found);
        return found.HasErrors ? null : tensors;
    }

    /// <summary>The one top-level folder that holds the pickle.</summary>
    private static string? FindFolder(FileMap map, IReadOnlyDictionary<string, ZipEntry> entries, DiagnosticBag diagnostics)
    {
        var folders = entries.Keys
            .Where(name => name.EndsWith("/" + PickleName, StringComparison.Ordinal) && name.IndexOf('/', StringComparison.Ordinal) == name.Length - PickleName.Length - 1)
            .Select(name => name[..^(PickleName.Length + 1)])
            .ToList();
        if (folders.Count == 1)
            return folders[0];
        diagnostics.Add(TorchDiagnostics.NoPickle, $"expected one folder with {PickleName}, found {folders.Count}", Place.OfFile(map.Path), "this is a zip archive, but not one of torch.save");
        return null;
    }

    private static bool CheckKind(FileMap map, string folder, IReadOnlyDictionary<string, ZipEntry> entries, DiagnosticBag diagnostics)
    {
        if (entries.ContainsKey($"{folder}/constants.pkl") || entries.Keys.Any(name => name.StartsWith($"{folder}/code/", StringComparison.Ordinal)))
        {
            diagnostics.Add(TorchDiagnostics.TorchScript, "expected a checkpoint, found a TorchScript archive (it holds constants.pkl or code/)", Place.OfFile(map.Path), "save model.state_dict() with torch.save");
            return false;
        }

        // Files of torch before 2.1 have no such entry and are little-endian.
        if (!entries.TryGetValue($"{folder}/byteorder", out var order) || (order.Length == 6 && map.Copy(order.DataOffset, 6).SequenceEqual("little"u8)))
            return true;
        var found = Printable.Name(Encoding.UTF8.GetString(map.Copy(order.DataOffset, (int)Math.Min(order.Length, 16))));
        diagnostics.Add(TorchDiagnostics.ByteOrder, $"expected the byte order 'little', found '{found}'", new Place(map.Path, Field: "byteorder", Offset: order.DataOffset), "save it on a little-endian machine");
        return false;
    }

    private static PickleValue? RunPickle(FileMap map, ZipEntry entry, DiagnosticBag diagnostics)
    {
        if (entry.Length <= PickleLimits.Bytes)
            return PickleMachine.Run(map.Path, entry.DataOffset, map.Copy(entry.DataOffset, (int)entry.Length), diagnostics);
        diagnostics.Add(TorchDiagnostics.PickleLimit, $"expected a {PickleName} of at most {PickleLimits.Bytes} bytes, found {entry.Length}", new Place(map.Path, Field: PickleName, Offset: entry.DataOffset), "save a plain state_dict()");
        return null;
    }
}
