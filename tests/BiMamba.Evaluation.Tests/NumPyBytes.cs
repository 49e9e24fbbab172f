using System.Buffers.Binary;
using System.Text;

namespace BiMamba.Evaluation.Tests;

/// <summary>Builds <c>.npy</c> files, right and wrong.</summary>
internal static class NumPyBytes
{
    public static byte[] File(string type, ReadOnlySpan<long> values, byte version = 1) =>
        Raw(Header(type, $"({values.Length},)"), Data(type, values), version);

    public static string Header(string type, string shape, bool isFortran = false) =>
        $"{{'descr': '{type}', 'fortran_order': {(isFortran ? "True" : "False")}, 'shape': {shape}, }}";

    /// <summary>A file of a header, padded with blanks to 64 bytes and ended by a line feed as NumPy does, and data.</summary>
    public static byte[] Raw(string header, byte[] data, byte version = 1)
    {
        var before = version == 1 ? 10 : 12;
        var text = Encoding.UTF8.GetBytes(header);
        var length = ((before + text.Length + 1 + 63) / 64 * 64) - before;
        var file = new byte[before + length + data.Length];
        ((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', version, 0]).CopyTo(file);
        if (version == 1)
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)length);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), (uint)length);
        file.AsSpan(before, length).Fill((byte)' ');
        text.CopyTo(file, before);
        file[before + length - 1] = (byte)'\n';
        data.CopyTo(file, before + length);
        return file;
    }

    public static byte[] Data(string type, ReadOnlySpan<long> values)
    {
        var size = type[2] - '0';
        var data = new byte[values.Length * size];
        Span<byte> wide = stackalloc byte[8];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(wide, values[i]);
            wide[..size].CopyTo(data.AsSpan(i * size));
        }

        return data;
    }
}
