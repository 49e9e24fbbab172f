using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Formats.Bimb;

/// <summary>
/// What tells two files apart: all bytes before the data region, and a SHA-256 for each tensor. Files of one digest are
/// equal in every byte, because gaps between tensors are zero.
/// </summary>
public sealed class BimbDigest
{
    private BimbDigest(SpecTree tree, ReadOnlyMemory<byte> front, IReadOnlyList<BimbTensor> rows)
    {
        Front = front;
        Rows = rows;
        var head = tree.Root.RecordAt("head");
        ModuleSha256 = Convert.ToHexStringLower(head.RecordAt("module").Bytes("sha256"));
        TokenizerSha256 = Convert.ToHexStringLower(head.RecordAt("tokenizer").Bytes("sha256"));
    }

    /// <summary>The bytes before the data region. They hold the hashes of the tensors.</summary>
    public ReadOnlyMemory<byte> Front { get; }

    /// <summary>The tensors in the order of the file.</summary>
    public IReadOnlyList<BimbTensor> Rows { get; }

    /// <summary>Lower-case hexadecimal SHA-256 of the module's section.</summary>
    public string ModuleSha256 { get; }

    /// <summary>Lower-case hexadecimal SHA-256 of the tokenizer's section.</summary>
    public string TokenizerSha256 { get; }

    /// <summary>What a file states of itself; <see cref="BimbVerifier"/> tells whether its tensors are so. The rows live as long as the file.</summary>
    public static BimbDigest Of(BimbFile file)
    {
        var size = file.Tree.Root.RecordAt("head").Integer("data_offset");
        return new BimbDigest(file.Tree, file.Map.Copy(0, checked((int)size)).ToArray(), file.Rows);
    }

    /// <summary>What the file of a content would be: every tensor is read once, and nothing is written. Null with diagnostics where the content cannot be stored.</summary>
    /// <param name="path">A name for the diagnostics.</param>
    /// <param name="content">What the file would hold.</param>
    /// <param name="threads">Threads to use; the result does not depend on it.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="progress">Receives the bytes of tensors that are read, from any thread.</param>
    /// <param name="cancellation">Cancels between pieces.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static BimbDigest? Of(string path, BimbContent content, int threads, DiagnosticBag diagnostics, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var (resources, hashes) = BimbLayout.Prepare(content);
        // What cannot be stored is found before the tensors are read.
        if (BimbLayout.Build(path, content, resources, hashes, diagnostics) is null)
            return null;
        BimbPieces.Hash(resources, threads, hashes, progress, (i, offset, count, buffer) => resources[i].Data.View(offset, count, ref buffer), cancellation);
        if (BimbLayout.Build(path, content, resources, hashes, diagnostics) is not { } tree)
            return null;
        var rows = tree.Root.RecordAt("table").Items("tensors").Cast<SpecRecordNode>()
            .Select((row, i) => new BimbTensor(resources[i].Name, resources[i].Encoding, resources[i].Shape, row.Integer("offset"), row.Integer("size"), Convert.ToHexStringLower(hashes[i]), resources[i].Data));
        return new BimbDigest(tree, SpecEncoder.Encode(tree.Root), [.. rows]);
    }
}
