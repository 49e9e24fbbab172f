using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Testing;

namespace BiMamba.Fuzz.Tests.Mutation;

/// <summary>A good file of a format that a spec describes: its integers are known, and its hashes can be made right again.</summary>
internal sealed class SpecSeed
{
    private readonly SpecTree tree;

    /// <summary>A file.</summary>
    public SpecSeed(SpecFormat format, byte[] bytes)
    {
        Bytes = bytes;
        var diagnostics = new DiagnosticBag();
        tree = SpecReader.Read(format, SpecSource.Of("seed", bytes), diagnostics);
        Assert.Empty(diagnostics.Items);
        Fields = [.. SpecPaths.Walk(tree.Root).SelectMany(Integers)];
    }

    /// <summary>The bytes.</summary>
    public byte[] Bytes { get; }

    /// <summary>Integers, prefixes of texts and lists, tags of unions.</summary>
    public IReadOnlyList<FieldSpan> Fields { get; }

    /// <summary>The bytes of the small golden file of a format, from its hex lines: offset, up to 16 pairs, note.</summary>
    public static byte[] Golden(string format) =>
    [
        .. File.ReadLines(Repository.Golden("format", "good", $"tiny.{format}.verified.hex"))
            .SelectMany(line => Convert.FromHexString(line.AsSpan(10, Math.Min(47, line.Length - 10)).ToString().Replace(" ", "", StringComparison.Ordinal))),
    ];

    /// <summary>Makes the hashes of the sections and of the head right for changed bytes of the same layout.</summary>
    public void Rehash(byte[] bytes)
    {
        foreach (var field in tree.Root.Record.Fields.Where(field => field.Section is not null))
            Hash(bytes, tree.Root[field.Name], $"head.{field.Name}.sha256");
        Hash(bytes, tree.Root["head"], "head_sha256");
    }

    /// <summary>The bytes with an integer changed and all hashes right.</summary>
    public byte[] With(string path, ulong value)
    {
        var bytes = Bytes.ToArray();
        var node = SpecPaths.Find(tree.Root, path) ?? throw new InvalidOperationException($"the seed has no {path}");
        BitConverter.GetBytes(value).AsSpan(0, (int)node.Size).CopyTo(bytes.AsSpan((int)node.Offset));
        Rehash(bytes);
        return bytes;
    }

    private void Hash(byte[] bytes, SpecNode node, string path)
    {
        var target = SpecPaths.Find(tree.Root, path)!.Offset;
        if (node.Offset + node.Size <= bytes.Length && target + SHA256.HashSizeInBytes <= bytes.Length)
            SHA256.HashData(bytes.AsSpan((int)node.Offset, (int)node.Size)).CopyTo(bytes, target);
    }

    private static IEnumerable<FieldSpan> Integers(SpecNode node) => node switch
    {
        SpecIntegerNode integer => [new((int)integer.Offset, (int)integer.Size)],
        SpecTextNode { PrefixSize: > 0 } text => [new((int)text.Offset, text.PrefixSize)],
        SpecUnionNode { TagSize: > 0 } union => [new((int)union.Offset, union.TagSize)],
        SpecArrayNode { Type: SpecType.Array { Prefix: { } prefix } } array => [new((int)array.Offset, prefix.Size)],
        _ => [],
    };
}
