using System.Globalization;
using BiMamba.FileTests.Cases.Inputs;
using BiMamba.IR;
using BiMamba.Tensors;

namespace BiMamba.FileTests.Ir;

/// <summary>Numbers as the bytes of an encoding, written down from the encoding table and not with the product's packers.</summary>
internal static class WeightBytes
{
    /// <summary>A resource of numbers in row-major order; null where one does not fit the encoding.</summary>
    public static Resource? TryEncode(Resource declared, double[] numbers)
    {
        var bytes = declared.Encoding switch
        {
            Encoding.Sign1 => Tiles(declared.Shape, numbers, 1, -1),
            Encoding.Mask1 => Tiles(declared.Shape, numbers, 1, 0),
            Encoding.I4 => Nibbles(declared.Shape, numbers),
            Encoding.Trit => numbers.All(number => number is -1 or 0 or 1) ? Plain("i8", numbers) : null,
            Encoding.Bool => numbers.All(number => number is 0 or 1) ? Plain("u8", numbers) : null,
            var encoding => Plain(encoding.Name(), numbers),
        };
        if (bytes is null)
            return null;
        return declared.Encoding.Info().Element is { } element
            ? new Resource(declared.Name, declared.Encoding, declared.Shape, new MemoryTensor(bytes, element, declared.Shape))
            : new Resource(declared.Name, declared.Encoding, declared.Shape, new MemoryTensor(bytes, ElementType.U8, Shape.Of(bytes.Length)));
    }

    private static byte[]? Plain(string type, double[] numbers)
    {
        var bytes = new List<byte>();
        foreach (var number in numbers)
        {
            if (NumberBytes.Of(type, number.ToString("R", CultureInfo.InvariantCulture)) is not { } encoded)
                return null;
            bytes.AddRange(encoded);
        }

        return [.. bytes];
    }

    /// <summary>One bit a number in tiles of 16 rows by 32 columns: a little-endian word of 32 columns a row, column 0 lowest.</summary>
    private static byte[]? Tiles(Shape shape, double[] numbers, double set, double clear)
    {
        var (rows, columns) = ((int)shape[0], (int)shape[1]);
        var across = (columns + Encodings.TileColumns - 1) / Encodings.TileColumns;
        var bytes = new byte[(rows + Encodings.TileRows - 1) / Encodings.TileRows * across * Encodings.TileBytes];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] != set && numbers[i] != clear)
                return null;
            if (numbers[i] == clear)
                continue;
            var (row, column) = (i / columns, i % columns);
            var tile = ((row / Encodings.TileRows) * across) + (column / Encodings.TileColumns);
            var bit = ((row % Encodings.TileRows) * Encodings.TileColumns) + (column % Encodings.TileColumns);
            bytes[(tile * Encodings.TileBytes) + (bit / 8)] |= (byte)(1 << (bit % 8));
        }

        return bytes;
    }

    private static byte[]? Nibbles(Shape shape, double[] numbers)
    {
        var columns = (int)shape[1];
        var rowBytes = (columns + 1) / 2;
        var bytes = new byte[shape[0] * rowBytes];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] is < -8 or > 7 || numbers[i] != Math.Floor(numbers[i]))
                return null;
            var column = i % columns;
            bytes[(i / columns * rowBytes) + (column / 2)] |= (byte)(((int)numbers[i] & 15) << (column % 2 * 4));
        }

        return bytes;
    }
}
