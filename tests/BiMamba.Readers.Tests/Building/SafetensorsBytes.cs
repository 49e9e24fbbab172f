using System.Buffers.Binary;
using System.Text;

namespace BiMamba.Readers.Tests.Building;

/// <summary>Literal safetensors files.</summary>
internal static class SafetensorsBytes
{
    /// <summary>Length field, header as given, data as given.</summary>
    public static byte[] Of(string header, params byte[] data) => Of(Encoding.UTF8.GetBytes(header), data);

    /// <summary>Length field, header as given, data as given.</summary>
    public static byte[] Of(byte[] header, params byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }
}
