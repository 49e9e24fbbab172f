using System.Buffers;
using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Spec;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.Formats.Bimb;

/// <summary>
/// Writes files: every tensor is read once, in pieces, and hashed while it is written; what lies before the data
/// region has a size that is known beforehand and is written last.
/// </summary>
public static class BimbWriter
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Writes a file that appears whole or not at all. False with diagnostics if it cannot be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="force">True to replace an existing file.</param>
    /// <param name="diagnostics">Receives errors.</param>
    /// <param name="progress">Receives the bytes of tensors that are written.</param>
    /// <param name="cancellation">Cancels between pieces.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled; no file is left behind.</exception>
    public static bool Write(string path, BimbContent content, bool force, DiagnosticBag diagnostics, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var (resources, hashes) = Prepare(content);
        if (Build(path, content, resources, hashes, diagnostics) is not { } tree)
            return false;
        using var file = AtomicFile.Create(path, force, diagnostics);
        if (file is null)
            return false;
        try
        {
            WriteTensors(file.Stream, tree, resources, hashes, progress, cancellation);
            if (Build(path, content, resources, hashes, diagnostics) is not { } final)
                return false;
            file.Stream.Position = 0;
            file.Stream.Write(SpecEncoder.Encode(final.Root));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.ReportNotWritable(path, e, diagnostics);
            return false;
        }

        return file.Commit(diagnostics);
    }

    /// <summary>Bytes of the file of a content, or null with diagnostics where it cannot be stored; reads no weights.</summary>
    public static long? Measure(string path, BimbContent content, DiagnosticBag diagnostics)
    {
        var (resources, hashes) = Prepare(content);
        return Build(path, content, resources, hashes, diagnostics)?.Total;
    }

    private static (List<Resource> Resources, byte[][] Hashes) Prepare(BimbContent content)
    {
        var byName = Comparer<Resource>.Create((left, right) => SpecPaths.CompareCodePoints(left.Name, right.Name));
        var resources = content.Module.Resources.Values.Order(byName).ToList();
        var hashes = new byte[resources.Count][];
        // Zeros stand for the hashes until the data is written: the layout depends on their size alone.
        Array.Fill(hashes, new byte[SHA256.HashSizeInBytes]);
        return (resources, hashes);
    }

    private static SpecTree? Build(string path, BimbContent content, List<Resource> resources, byte[][] hashes, DiagnosticBag diagnostics)
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

    private static void WriteTensors(FileStream stream, SpecTree tree, List<Resource> resources, byte[][] hashes, IProgress<long>? progress, CancellationToken cancellation)
    {
        var rows = tree.Root.RecordAt("table").Items("tensors");
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long written = 0;
        // Seeking over padding leaves zeros, and the length covers padding behind an empty last tensor.
        stream.SetLength(tree.Total!.Value);
        for (var i = 0; i < resources.Count; i++)
        {
            var data = resources[i].Data;
            stream.Position = ((SpecRecordNode)rows[i]).Integer("offset");
            for (long offset = 0; offset < data.ByteLength; offset += PieceBytes)
            {
                cancellation.ThrowIfCancellationRequested();
                var piece = buffer.AsSpan(0, (int)Math.Min(PieceBytes, data.ByteLength - offset));
                data.Read(offset, piece);
                hash.AppendData(piece);
                stream.Write(piece);
                progress?.Report(written += piece.Length);
            }

            hashes[i] = hash.GetHashAndReset();
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
