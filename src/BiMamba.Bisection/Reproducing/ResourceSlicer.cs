using System.Runtime.InteropServices;
using BiMamba.IR;
using BiMamba.Kernels;
using BiMamba.Tensors;

namespace BiMamba.Bisection.Reproducing;

/// <summary>Cuts rows and columns out of weights; the encoding stays.</summary>
internal static class ResourceSlicer
{
    /// <summary>The chosen indices of each axis, in order; null keeps an axis whole.</summary>
    /// <param name="resource">A weight. Columns of packed codes stay whole.</param>
    /// <param name="axes">One entry an axis.</param>
    public static Resource Slice(Resource resource, IReadOnlyList<int[]?> axes)
    {
        if (axes.All(axis => axis is null))
            return resource;
        var dims = axes.Select((axis, i) => axis?.Length ?? resource.Shape[i]).ToArray();
        var shape = Shape.Of(dims);
        return resource.Encoding switch
        {
            Encoding.Sign1 or Encoding.Mask1 => Packed(resource, shape, Bits(resource, All(axes[0], resource.Shape[0]), All(axes[1], resource.Shape[1]))),
            Encoding.I4 => Packed(resource, shape, Rows(resource.Data, axes[0]!, (resource.Shape[1] + 1) / 2)),
            _ => new Resource(resource.Name, resource.Encoding, shape, new MemoryTensor(Elements(resource, axes), resource.Data.Type, shape)),
        };
    }

    /// <summary>A list of zeros of a plane [rows, columns] as the list of a slice of the plane.</summary>
    public static Resource SliceZeros(Resource zeros, Shape plane, int[]? rows, int[]? columns)
    {
        if (rows is null && columns is null)
            return zeros;
        var (rowOf, columnOf) = (Positions(rows, plane[0]), Positions(columns, plane[1]));
        var kept = new List<uint>();
        foreach (var zero in MemoryMarshal.Cast<byte, uint>(zeros.Data.ToBytes()))
        {
            var (row, column) = Math.DivRem(zero, plane[1]);
            if (rowOf.TryGetValue(row, out var newRow) && columnOf.TryGetValue(column, out var newColumn))
                kept.Add((uint)((newRow * columnOf.Count) + newColumn));
        }

        var bytes = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(kept)).ToArray();
        return new Resource(zeros.Name, new MemoryTensor(bytes, ElementType.U32, Shape.Of(kept.Count)));
    }

    private static Dictionary<long, int> Positions(int[]? indices, long length) =>
        All(indices, length).Index().ToDictionary(pair => (long)pair.Item, pair => pair.Index);

    private static int[] All(int[]? indices, long length) => indices ?? [.. Enumerable.Range(0, checked((int)length))];

    private static Resource Packed(Resource resource, Shape shape, byte[] bytes) =>
        new(resource.Name, resource.Encoding, shape, new MemoryTensor(bytes, ElementType.U8, Shape.Of(bytes.Length)));

    private static byte[] Rows(Tensor data, int[] rows, long rowBytes)
    {
        var bytes = new byte[rows.Length * rowBytes];
        foreach (var (i, row) in rows.Index())
            data.Read(row * rowBytes, bytes.AsSpan((int)(i * rowBytes), (int)rowBytes));
        return bytes;
    }

    private static byte[] Bits(Resource resource, int[] rows, int[] columns)
    {
        var width = checked((int)resource.Shape[1]);
        var bytes = new byte[SignTiles.ByteLength(rows.Length, columns.Length)];
        Span<byte> one = stackalloc byte[1];
        for (var row = 0; row < rows.Length; row++)
        {
            for (var column = 0; column < columns.Length; column++)
            {
                var (from, fromBit) = SignTiles.Locate(rows[row], columns[column], width);
                resource.Data.Read(from, one);
                var (to, toBit) = SignTiles.Locate(row, column, columns.Length);
                bytes[to] |= (byte)(((one[0] >> fromBit) & 1) << toBit);
            }
        }

        return bytes;
    }

    /// <summary>Elements of a plain array: whole rows of the first axis are read, the others are gathered from them.</summary>
    private static byte[] Elements(Resource resource, IReadOnlyList<int[]?> axes)
    {
        var size = resource.Data.Type.Size();
        var inner = axes.Skip(1).Select((axis, i) => All(axis, resource.Shape[i + 1])).ToList();
        var offsets = new List<int> { 0 };
        foreach (var (i, axis) in inner.Index())
        {
            var length = checked((int)resource.Shape[i + 1]);
            offsets = [.. offsets.SelectMany(offset => axis.Select(index => (offset * length) + index))];
        }

        var rowBytes = checked((int)(resource.Shape.Dims.Skip(1).Aggregate(1L, (product, dim) => product * dim) * size));
        var row = new byte[rowBytes];
        var result = new List<byte>();
        foreach (var index in All(axes[0], resource.Shape[0]))
        {
            resource.Data.Read((long)index * rowBytes, row);
            foreach (var offset in offsets)
                result.AddRange(row.AsSpan(offset * size, size));
        }

        return [.. result];
    }
}
