using System.Buffers.Binary;
using System.Text.Json;

namespace BiMamba.CommandLine.Tests;

/// <summary>Changes numbers of a tensor in the safetensors files of a folder, whatever their floating-point type is.</summary>
internal static class SafetensorsPatch
{
    /// <summary>Sets one element.</summary>
    public static void Set(string folder, string tensor, long index, float value) => Change(folder, tensor, (i, old) => i == index ? value : old);

    /// <summary>Replaces every element by a function of its index and its value.</summary>
    public static void Change(string folder, string tensor, Func<long, float, float> change)
    {
        foreach (var file in Directory.GetFiles(folder, "*.safetensors"))
        {
            var bytes = File.ReadAllBytes(file);
            var header = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            using var json = JsonDocument.Parse(bytes.AsMemory(8, header));
            if (!json.RootElement.TryGetProperty(tensor, out var entry))
                continue;
            var (from, to) = (entry.GetProperty("data_offsets")[0].GetInt32(), entry.GetProperty("data_offsets")[1].GetInt32());
            Change(bytes.AsSpan(8 + header + from, to - from), entry.GetProperty("dtype").GetString()!, change);
            File.WriteAllBytes(file, bytes);
            return;
        }

        Assert.Fail($"no file of {folder} has {tensor}");
    }

    private static void Change(Span<byte> bytes, string type, Func<long, float, float> change)
    {
        var size = type == "F32" ? 4 : 2;
        for (var i = 0; i < bytes.Length / size; i++)
        {
            var element = bytes.Slice(i * size, size);
            switch (type)
            {
                case "F32":
                    BinaryPrimitives.WriteSingleLittleEndian(element, change(i, BinaryPrimitives.ReadSingleLittleEndian(element)));
                    break;
                case "F16":
                    BinaryPrimitives.WriteHalfLittleEndian(element, (Half)change(i, (float)BinaryPrimitives.ReadHalfLittleEndian(element)));
                    break;
                case "BF16":
                    var value = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(element) << 16);
                    BinaryPrimitives.WriteUInt16LittleEndian(element, (ushort)(BitConverter.SingleToUInt32Bits(change(i, value)) >> 16));
                    break;
                default:
                    throw new ArgumentException(type, nameof(type));
            }
        }
    }
}
