using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Formats.Common;

/// <summary>A sharded checkpoint: index and shards, each checked against the other.</summary>
internal sealed class ShardedArchive
{
    private const string Apart = "index and shards are of different checkpoints, or a shard is incomplete";

    private readonly string indexPath;
    private readonly SortedDictionary<string, string> weightMap;
    private readonly ILookup<string, string> namesOfShard;
    private readonly DiagnosticBag found = new();
    private readonly List<ArchiveFile> opened = [];
    private readonly Dictionary<string, ArchiveEntry> tensors = new(StringComparer.Ordinal);

    private ShardedArchive(string indexPath, SortedDictionary<string, string> weightMap)
    {
        this.indexPath = indexPath;
        this.weightMap = weightMap;
        namesOfShard = weightMap.ToLookup(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
    }

    /// <summary>Opens the shards of an index.</summary>
    /// <param name="indexPath">Path of the index; the shards lie in its folder.</param>
    /// <param name="open">Opens one shard.</param>
    /// <param name="normalize">What <paramref name="open"/> does to tensor names, done to those of the index too.</param>
    /// <param name="diagnostics">Receives all errors of the index and of every shard.</param>
    public static TensorArchive? Open(string indexPath, OpenArchiveFile open, Func<string, string> normalize, DiagnosticBag diagnostics)
    {
        if (ShardIndex.Read(indexPath, diagnostics) is not { } index)
            return null;
        var weightMap = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, shard) in index.WeightMap)
        {
            if (!weightMap.TryAdd(normalize(name), shard))
            {
                diagnostics.Add(SafetensorsDiagnostics.IndexDuplicateKey, $"expected each name once, found '{Printable.Name(name)}', which without the prefix of its wrapper is there already", new Place(indexPath, Printable.Name(normalize(name))), "save the state dict of one model");
                return null;
            }
        }

        return new ShardedArchive(indexPath, weightMap).OpenShards(index.TotalSize, open, diagnostics);
    }

    private TensorArchive? OpenShards(long? totalSize, OpenArchiveFile open, DiagnosticBag diagnostics)
    {
        var folder = Path.GetDirectoryName(indexPath) ?? "";
        var shards = namesOfShard.Select(names => names.Key).Order(StringComparer.Ordinal).ToList();
        var paths = shards.ConvertAll(shard => Path.Combine(folder, shard));
        ReportMissing(paths);
        if (!found.HasErrors)
        {
            for (var i = 0; i < shards.Count; i++)
                OpenShard(shards[i], paths[i], open);
        }

        if (!found.HasErrors)
            ConfirmTotalSize(totalSize);
        diagnostics.AddRange(found);
        if (!found.HasErrors)
            return new TensorArchive(tensors, paths, [.. opened.Select(file => file.Map)]);
        foreach (var file in opened)
            file.Map.Dispose();
        return null;
    }

    private void ReportMissing(List<string> paths)
    {
        foreach (var path in paths.Where(path => !File.Exists(path)))
            found.Add(InputDiagnostics.Missing, $"the shard is named by '{indexPath}' but does not exist", Place.OfFile(path), "download the missing shards");
    }

    private void OpenShard(string shard, string path, OpenArchiveFile open)
    {
        if (open(path, found) is not { } file)
            return;
        opened.Add(file);
        ArchiveMerge.Add(tensors, path, file, found);
        foreach (var name in file.Tensors.Keys)
        {
            if (!weightMap.TryGetValue(name, out var listed))
                found.Add(SafetensorsDiagnostics.IndexTensorUnlisted, $"expected a tensor that '{indexPath}' names, found another", new Place(path, Printable.Name(name)), Apart);
            else if (!string.Equals(listed, shard, StringComparison.Ordinal))
                found.Add(SafetensorsDiagnostics.IndexTensorUnlisted, $"expected the tensor in '{listed}', where '{indexPath}' places it, found it here", new Place(path, Printable.Name(name)), Apart);
        }

        foreach (var name in namesOfShard[shard])
        {
            if (!file.Tensors.ContainsKey(name))
                found.Add(SafetensorsDiagnostics.IndexTensorMissing, $"expected in '{path}', found no such tensor there", new Place(indexPath, Printable.Name(name)), Apart);
        }
    }

    private void ConfirmTotalSize(long? declared)
    {
        if (declared is not { } expected)
            return;
        var all = tensors.Values.Sum(entry => (decimal)entry.Tensor.ByteLength);
        // Writers count tied tensors of one storage once.
        var distinct = tensors.Values.DistinctBy(StorageKey).Sum(entry => (decimal)entry.Tensor.ByteLength);
        if (expected != all && expected != distinct)
            found.Add(SafetensorsDiagnostics.IndexTotalSize, $"expected {all} bytes, which the shards hold, found {expected}", new Place(indexPath, Field: "metadata.total_size"), "the tensors are read as they are; see that all shards are of one checkpoint");
    }

    private static (object, long, long) StorageKey(ArchiveEntry entry) =>
        entry.Tensor is MappedTensor mapped ? (mapped.Map, mapped.Offset, mapped.ByteLength) : (entry.Tensor, 0, 0);
}
