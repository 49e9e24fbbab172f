using System.Buffers.Binary;
using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;

namespace BiMamba.Spec.Tests;

/// <summary>Changes values of a good file in place, found by their paths.</summary>
internal sealed class SpecPatch
{
    private readonly SpecFormat format;
    private readonly SpecTree tree;

    internal SpecPatch(SpecFormat format, byte[] bytes)
    {
        this.format = format;
        Bytes = [.. bytes];
        var diagnostics = new DiagnosticBag();
        tree = SpecReader.Read(format, SpecSource.Of("good", Bytes), diagnostics);
        Assert.Empty(diagnostics.Items);
    }

    internal byte[] Bytes { get; private set; }

    /// <summary>Overwrites an integer, or the prefix of a text.</summary>
    internal SpecPatch Set(string path, ulong value)
    {
        var node = Find(path);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        var size = node is SpecTextNode text ? text.PrefixSize : (int)node.Size;
        bytes[..size].CopyTo(Bytes.AsSpan((int)node.Offset));
        return this;
    }

    /// <summary>Overwrites bytes at a distance from the start of a value.</summary>
    internal SpecPatch Overwrite(string path, int distance, params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Bytes.AsSpan((int)Find(path).Offset + distance));
        return this;
    }

    internal SpecPatch Resize(int difference)
    {
        var bytes = Bytes;
        Array.Resize(ref bytes, bytes.Length + difference);
        Bytes = bytes;
        return this;
    }

    /// <summary>The errors of the changed file.</summary>
    internal IReadOnlyList<Diagnostic> Errors()
    {
        var diagnostics = new DiagnosticBag();
        SpecReader.Read(format, SpecSource.Of("patched", Bytes), diagnostics);
        return diagnostics.Items;
    }

    private SpecNode Find(string path) => SpecPaths.Find(tree.Root, path) ?? throw new InvalidOperationException($"no {path} in the good file");
}
