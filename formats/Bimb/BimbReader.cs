using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Spec;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Formats.Bimb;

/// <summary>Opens files: checks everything before the data region and reads nothing of it.</summary>
public static class BimbReader
{
    /// <summary>
    /// An open file. Null with diagnostics if it is missing, is no <c>.bimb</c> file, breaks a rule of
    /// <c>bimb.spec</c>, or holds a module that the verifier refuses. Hashes of the data are checked by
    /// <see cref="BimbVerifier"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="diagnostics">Receives every broken rule: <see cref="BimbDiagnostics"/>, <see cref="IrDiagnostics"/> and <see cref="InputDiagnostics"/>.</param>
    /// <returns>The file, which the caller disposes, or null.</returns>
    public static BimbFile? Open(string path, DiagnosticBag diagnostics)
    {
        var map = FileMap.Open(path, diagnostics);
        if (map is null)
            return null;
        // Errors of others in the bag do not make this file bad.
        var own = new DiagnosticBag();
        var file = Open(map, own);
        diagnostics.AddRange(own);
        if (file is null)
            map.Dispose();
        return file;
    }

    private static BimbFile? Open(FileMap map, DiagnosticBag diagnostics)
    {
        var tree = SpecReader.Read(BimbFormat.Spec, SpecSource.Of(map), diagnostics);
        if (diagnostics.HasErrors)
            return null;
        var rows = Rows(map, tree, diagnostics);
        if (rows is null)
            return null;
        var module = BimbModuleReader.Read(tree.Root.RecordAt("module"), rows, map.Path, diagnostics);
        return module is not null && Verifier.Verify(module, map.Path, diagnostics) ? new BimbFile(map, tree, rows, module) : null;
    }

    private static IReadOnlyList<BimbTensor>? Rows(FileMap map, SpecTree tree, DiagnosticBag diagnostics)
    {
        var rows = new List<BimbTensor>();
        foreach (var node in tree.Root.RecordAt("table").Items("tensors").Cast<SpecRecordNode>())
        {
            var name = node.Text("name");
            var place = new Place(map.Path, name, node.Path, node.Offset);
            if (BimbWords.FindEncoding(node.Word("encoding")) is not { } encoding)
            {
                diagnostics.Add(BimbDiagnostics.Unsupported, $"expected a known encoding, found {node.Word("encoding")}", place, "use a newer version of the tool");
                continue;
            }

            var dims = ((SpecArrayNode)node["dims"]).Items.Select(item => ((SpecIntegerNode)item).Int64).ToArray();
            if (!Shape.TryCreate(dims, out var shape))
            {
                diagnostics.Add(BimbDiagnostics.Overflow, "expected a 64-bit element count, found an overflow", place, "convert the checkpoint again");
                continue;
            }

            var (offset, size) = (node.Integer("offset"), node.Integer("size"));
            var data = encoding.Info().Element is { } element
                ? new MappedTensor(map, offset, element, shape)
                : new MappedTensor(map, offset, ElementType.U8, Shape.Of(size));
            rows.Add(new BimbTensor(name, encoding, shape, offset, size, Convert.ToHexStringLower(node.Bytes("sha256")), data));
        }

        return diagnostics.HasErrors ? null : rows;
    }
}
