using System.Buffers.Binary;
using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.Formats.Spec;

namespace BiMamba.Bimb.Tests;

/// <summary>Changes values of a good file in place, found by their paths.</summary>
internal sealed class Patch
{
    private readonly SpecTree tree;

    internal Patch(byte[] bytes)
    {
        Bytes = [.. bytes];
        var diagnostics = new DiagnosticBag();
        tree = SpecReader.Read(BimbFormat.Spec, SpecSource.Of("good", Bytes), diagnostics);
        Assert.Empty(diagnostics.Items);
    }

    internal byte[] Bytes { get; private set; }

    internal SpecNode Find(string path) => SpecPaths.Find(tree.Root, path) ?? throw new InvalidOperationException($"no {path} in the tiny file");

    /// <summary>Overwrites an integer.</summary>
    internal Patch Set(string path, ulong value)
    {
        var node = Find(path);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes[..(int)node.Size].CopyTo(Bytes.AsSpan((int)node.Offset));
        return this;
    }

    /// <summary>Adds to an integer.</summary>
    internal Patch Add(string path, ulong difference) => Set(path, (ulong)((SpecIntegerNode)Find(path)).Value!.Value + difference);

    /// <summary>Overwrites bytes at a distance from the start of a value.</summary>
    internal Patch Overwrite(string path, int distance, params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Bytes.AsSpan((int)Find(path).Offset + distance));
        return this;
    }

    /// <summary>Flips a bit of the first byte of a value.</summary>
    internal Patch Flip(string path, int distance = 0)
    {
        Bytes[Find(path).Offset + distance] ^= 1;
        return this;
    }

    internal Patch Resize(int length)
    {
        var bytes = Bytes;
        Array.Resize(ref bytes, length);
        Bytes = bytes;
        return this;
    }

    /// <summary>Makes the hashes of the sections and of the head right for the changed bytes.</summary>
    internal Patch Rehash()
    {
        foreach (var field in tree.Root.Record.Fields.Where(field => field.Section is not null))
        {
            var node = tree.Root[field.Name];
            var hash = SHA256.HashData(Bytes.AsSpan((int)node.Offset, (int)node.Size));
            hash.CopyTo(Bytes, Find($"head.{field.Name}.sha256").Offset);
        }

        var head = tree.Root["head"];
        SHA256.HashData(Bytes.AsSpan((int)head.Offset, (int)head.Size)).CopyTo(Bytes, Find("head_sha256").Offset);
        return this;
    }
}
