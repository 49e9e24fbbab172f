namespace BiMamba.Formats.TorchPickle.Zip;

/// <summary>One stored entry of an archive; its bytes lie inside the file.</summary>
/// <param name="Name">The name with its folders, separated by '/'.</param>
/// <param name="HeaderOffset">Byte offset of the local header.</param>
/// <param name="DataOffset">Byte offset of the data.</param>
/// <param name="Length">Bytes of the data.</param>
internal sealed record ZipEntry(string Name, long HeaderOffset, long DataOffset, long Length)
{
    /// <summary>Byte offset after the data.</summary>
    public long DataEnd => DataOffset + Length;
}
