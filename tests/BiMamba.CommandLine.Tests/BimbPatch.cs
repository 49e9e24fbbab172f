using System.Buffers.Binary;
using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.Formats.Spec;

namespace BiMamba.CommandLine.Tests;

/// <summary>Changes fields of a good .bimb file, found by their paths.</summary>
internal sealed class BimbPatch
{
    private readonly byte[] bytes;
    private readonly SpecTree tree;

    /// <summary>Reads a good file.</summary>
    public BimbPatch(string path)
    {
        bytes = File.ReadAllBytes(path);
        var diagnostics = new DiagnosticBag();
        tree = SpecReader.Read(BimbFormat.Spec, SpecSource.Of("good", bytes.ToArray()), diagnostics);
        Assert.Empty(diagnostics.Items);
    }

    /// <summary>Overwrites an integer field.</summary>
    public BimbPatch Set(string path, ulong value)
    {
        var node = Find(path);
        Span<byte> field = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(field, value);
        field[..(int)node.Size].CopyTo(bytes.AsSpan((int)node.Offset));
        return this;
    }

    /// <summary>Flips one bit of the file.</summary>
    public BimbPatch Flip(long offset)
    {
        bytes[offset] ^= 0x10;
        return this;
    }

    /// <summary>The value of an integer field.</summary>
    public long Get(string path) => ((SpecIntegerNode)Find(path)).Int64;

    /// <summary>The value of a text field.</summary>
    public string Text(string path) => ((SpecTextNode)Find(path)).Value;

    /// <summary>True where the file has a field of this path.</summary>
    public bool Has(string path) => SpecPaths.Find(tree.Root, path) is not null;

    /// <summary>Where a field stands.</summary>
    public long Offset(string path) => Find(path).Offset;

    /// <summary>Makes the hashes of sections and head right for the changed bytes.</summary>
    public BimbPatch Rehash()
    {
        Rehash(bytes);
        return this;
    }

    /// <summary>Makes the hashes of sections and head right in a changed copy of the file.</summary>
    public void Rehash(byte[] bytes)
    {
        foreach (var section in (string[])["module", "recipe", "tokenizer", "table"])
        {
            var node = tree.Root[section];
            SHA256.HashData(bytes.AsSpan((int)node.Offset, (int)node.Size)).CopyTo(bytes, Find($"head.{section}.sha256").Offset);
        }

        var head = tree.Root["head"];
        SHA256.HashData(bytes.AsSpan((int)head.Offset, (int)head.Size)).CopyTo(bytes, Find("head_sha256").Offset);
    }

    /// <summary>Makes the hash of a tensor right in a changed copy of the file.</summary>
    public void RehashTensor(string row, byte[] bytes) =>
        SHA256.HashData(bytes.AsSpan((int)Get(row + ".offset"), (int)Get(row + ".size"))).CopyTo(bytes, Find(row + ".sha256").Offset);

    /// <summary>Writes the changed file.</summary>
    public string Save(string path)
    {
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private SpecNode Find(string path) => SpecPaths.Find(tree.Root, path) ?? throw new InvalidOperationException($"no {path} in the file");
}
