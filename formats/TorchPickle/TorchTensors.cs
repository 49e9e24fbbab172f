using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Common;
using BiMamba.Formats.TorchPickle.Pickle;
using BiMamba.Formats.TorchPickle.Zip;
using BiMamba.Tensors;

namespace BiMamba.Formats.TorchPickle;

/// <summary>Checks declared tensors against the records of the archive and maps them.</summary>
internal sealed class TorchTensors(FileMap map, string folder, IReadOnlyDictionary<string, ZipEntry> entries, DiagnosticBag found)
{
    /// <summary>The most bytes of all views that repeat elements of their storages: a short file could ask for any number.</summary>
    public const long MaxRepeatedBytes = 4L << 30;

    private long repeatedBytes;

    /// <summary>A tensor over the file, null with a diagnostic if it is refused.</summary>
    public Tensor? Map(string name, PickleTensor declared)
    {
        var place = new Place(map.Path, Printable.Name(name));
        if (declared.Flag is { } flag)
            return Refuse(TorchDiagnostics.UnsupportedType, $"expected a tensor without flags, found '{Printable.Name(flag)}'", place, "save a copy without it");
        if (declared.Type is not { } type)
            return Refuse(TorchDiagnostics.UnsupportedType, $"expected a supported element type, found that of '{declared.TypeName}'", place, "convert the tensor to a floating-point or integer type");
        if (StorageOf(declared.Storage, type, place) is not { } entry || ShapeOf(declared, type, place) is not { } shape)
            return null;
        var elements = entry.Length / type.Size();
        if (shape.Count == 0)
            return new MappedTensor(map, entry.DataOffset, type, shape);
        if (LastIndex(declared, shape) is not { } last)
            return Refuse(TorchDiagnostics.BadGeometry, $"expected a last element below 2^63, found offset {declared.First} and strides [{string.Join(',', declared.Strides.ToArray())}] for {shape}", place);
        if (last >= elements)
            return Refuse(TorchDiagnostics.OutsideStorage, $"expected a last element below {elements}, the size of its storage, found {last}", place);
        if (IsContiguous(declared, shape))
            return new MappedTensor(map, entry.DataOffset + (declared.First * type.Size()), type, shape);
        if (shape.Count > elements)
        {
            var bytes = shape.Count * type.Size();
            if (bytes > MaxRepeatedBytes - repeatedBytes)
                return Refuse(TorchDiagnostics.ViewTooLarge, $"expected views that repeat elements of at most {MaxRepeatedBytes} bytes in the file, found one of {bytes} bytes over a storage of {entry.Length} after {repeatedBytes} bytes of others", place, "save the tensor with contiguous()");
            repeatedBytes += bytes;
        }

        var storage = new MappedTensor(map, entry.DataOffset, type, Shape.Of(elements));
        return new StridedTensor(storage, declared.First, shape, [.. declared.Strides]);
    }

    private ZipEntry? StorageOf(PickleStorage storage, ElementType type, Place place)
    {
        var record = $"{folder}/data/{storage.Key}";
        if (!entries.TryGetValue(record, out var entry))
        {
            Refuse(TorchDiagnostics.StorageMissing, $"expected the storage '{Printable.Name(record)}', found no such entry in the file", place);
            return null;
        }

        var size = storage.Type is { } typed ? typed.Size() : 1;
        if (storage.Count == entry.Length / size && entry.Length % size == 0 && entry.Length % type.Size() == 0)
            return entry;
        Refuse(TorchDiagnostics.StorageSize, $"expected {storage.Count} elements of {size} bytes in the storage '{Printable.Name(record)}', found {entry.Length} bytes", place);
        return null;
    }

    private Shape? ShapeOf(PickleTensor declared, ElementType type, Place place)
    {
        if (declared.Dims.Length != declared.Strides.Length)
        {
            Refuse(TorchDiagnostics.BadGeometry, $"expected as many strides as dimensions, found {declared.Strides.Length} strides and {declared.Dims.Length} dimensions", place);
            return null;
        }

        if (!Shape.TryCreate(declared.Dims, out var shape) || shape.Count > long.MaxValue / type.Size())
        {
            Refuse(TorchDiagnostics.BadGeometry, $"expected at most {Shape.MaxRank} dimensions from 0 whose bytes fit 63 bits, found [{string.Join(',', declared.Dims.ToArray())}]", place);
            return null;
        }

        if (declared.First >= 0 && !declared.Strides.ContainsAnyInRange(long.MinValue, -1))
            return shape;
        Refuse(TorchDiagnostics.BadGeometry, $"expected an offset and strides from 0, found {declared.First} and [{string.Join(',', declared.Strides.ToArray())}]", place);
        return null;
    }

    /// <summary>The largest index that a view of at least one element reaches, null if it overflows.</summary>
    private static long? LastIndex(PickleTensor declared, Shape shape)
    {
        var last = (Int128)declared.First;
        for (var d = 0; d < shape.Rank; d++)
            last += (Int128)(shape[d] - 1) * declared.Strides[d];
        return last <= long.MaxValue ? (long)last : null;
    }

    private static bool IsContiguous(PickleTensor declared, Shape shape)
    {
        var strides = shape.Strides();
        for (var d = 0; d < shape.Rank; d++)
        {
            // The stride of a dimension of one is never used.
            if (shape[d] != 1 && declared.Strides[d] != strides[d])
                return false;
        }

        return true;
    }

    private Tensor? Refuse(DiagnosticDescriptor descriptor, string message, Place place, string hint = ZipRecords.Again)
    {
        found.Add(descriptor, message, place, hint);
        return null;
    }
}
