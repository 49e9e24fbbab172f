using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Spec;
using BiMamba.IR;

namespace BiMamba.Formats.Bimb;

/// <summary>Where everything lies in the file of a content.</summary>
internal static class BimbLayout
{
    /// <summary>The tensors in the order of the file, and zeros for their hashes until the data is written: the layout depends on their size alone.</summary>
    internal static (List<Resource> Resources, byte[][] Hashes) Prepare(BimbContent content)
    {
        var byName = Comparer<Resource>.Create((left, right) => SpecPaths.CompareCodePoints(left.Name, right.Name));
        var resources = content.Module.Resources.Values.Order(byName).ToList();
        var hashes = new byte[resources.Count][];
        Array.Fill(hashes, new byte[SHA256.HashSizeInBytes]);
        return (resources, hashes);
    }

    /// <summary>Every value of the file; null with diagnostics where the content cannot be stored.</summary>
    internal static SpecTree? Build(string path, BimbContent content, List<Resource> resources, byte[][] hashes, DiagnosticBag diagnostics)
    {
        var names = resources.ConvertAll(resource => resource.Name);
        var values = new SpecObject
        {
            ["module"] = BimbModuleWriter.Write(content.Module, names),
            ["recipe"] = content.Recipe,
            ["tokenizer"] = new SpecObject
            {
                ["kind"] = BimbWords.Of(content.Tokenizer.Kind),
                ["content"] = content.Tokenizer.Content,
            },
            ["table"] = new SpecObject
            {
                ["count"] = resources.Count,
                ["tensors"] = resources.Select((resource, index) => Row(resource, hashes[index])).ToList(),
            },
        };
        var tree = SpecWriter.Build(BimbFormat.Spec, path, values, diagnostics);
        if (tree is null)
            return null;
        var rows = tree.Root.RecordAt("table").Items("tensors");
        for (var i = 0; i < resources.Count; i++)
        {
            var size = ((SpecRecordNode)rows[i]).Integer("size");
            if (size == resources[i].Data.ByteLength)
                continue;
            diagnostics.Add(BimbDiagnostics.NotStorable, $"expected {size} bytes of {resources[i].TypeText}, found {resources[i].Data.ByteLength}", new Place(path, names[i]));
            return null;
        }

        return tree;
    }

    private static object Row(Resource resource, byte[] hash) => new SpecObject
    {
        ["name"] = resource.Name,
        ["encoding"] = resource.Encoding.Name(),
        ["rank"] = resource.Shape.Rank,
        ["dims"] = resource.Shape.Dims.Select(dim => (object)dim).ToList(),
        ["sha256"] = (ReadOnlyMemory<byte>)hash,
    };
}
