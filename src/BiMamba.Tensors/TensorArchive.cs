namespace BiMamba.Tensors;

/// <summary>One tensor of an archive and the file that holds it.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="File">Path of its file, as given by the user.</param>
public sealed record ArchiveEntry(Tensor Tensor, string File);

/// <summary>
/// Named tensors of one or several files, sorted by name in ordinal order. Owns the files: disposing it ends the
/// life of every tensor.
/// </summary>
public sealed class TensorArchive(
    IReadOnlyDictionary<string, ArchiveEntry> tensors,
    IReadOnlyList<string> files,
    IReadOnlyList<IDisposable> owned) : IDisposable
{
    /// <summary>Tensors by name, in ordinal order.</summary>
    public IReadOnlyDictionary<string, ArchiveEntry> Tensors { get; } =
        new SortedDictionary<string, ArchiveEntry>(tensors.ToDictionary(), StringComparer.Ordinal);

    /// <summary>Every file that was read, in the order of the shards.</summary>
    public IReadOnlyList<string> Files { get; } = files;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var resource in owned)
            resource.Dispose();
    }
}
