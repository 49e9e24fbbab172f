using System.Runtime.InteropServices;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Quantization;

/// <summary>A file of shared/oracles/ptb: what official code gave for one small layer.</summary>
internal sealed class Oracle
{
    private readonly TensorArchive archive;
    private readonly JsonElement metadata;

    private Oracle(TensorArchive archive, JsonElement metadata) => (this.archive, this.metadata) = (archive, metadata);

    /// <summary>The file of a family and a layer, such as <c>gptq</c> and <c>tiny_48x64</c>; skips the test where it is absent.</summary>
    public static Oracle Load(string family, string layer)
    {
        var bag = new DiagnosticBag();
        var path = Repository.RequireShared("oracles", "ptb", $"{family}_{layer}.safetensors");
        var archive = SafetensorsReader.OpenFile(path, bag);
        Assert.True(archive is not null, string.Join('\n', bag.Items));
        return new Oracle(archive, ReadMetadata(path));
    }

    /// <summary>A tensor as f32, in row-major order.</summary>
    public float[] Floats(string name) => archive.Tensors[name].Tensor.ToSingles();

    /// <summary>A tensor of f64.</summary>
    public double[] Doubles(string name) => MemoryMarshal.Cast<byte, double>(archive.Tensors[name].Tensor.ToBytes()).ToArray();

    /// <summary>A tensor of bytes.</summary>
    public byte[] Bytes(string name) => archive.Tensors[name].Tensor.ToBytes();

    /// <summary>A tensor of i32.</summary>
    public int[] Ints(string name) => MemoryMarshal.Cast<byte, int>(archive.Tensors[name].Tensor.ToBytes()).ToArray();

    /// <summary>The shape of a tensor.</summary>
    public Shape Shape(string name) => archive.Tensors[name].Tensor.Shape;

    /// <summary>True where the file has the tensor.</summary>
    public bool Has(string name) => archive.Tensors.ContainsKey(name);

    /// <summary>Names of the tensors, in ordinal order.</summary>
    public IEnumerable<string> Names => archive.Tensors.Keys.Order(StringComparer.Ordinal);

    /// <summary>A text of the metadata that is JSON itself, such as <c>variants</c>.</summary>
    public JsonElement Metadata(string key) => JsonElement.Parse(metadata.GetProperty(key).GetString()!);

    private static JsonElement ReadMetadata(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = new BinaryReader(file);
        return JsonElement.Parse(reader.ReadBytes(checked((int)reader.ReadUInt64()))).GetProperty("__metadata__");
    }
}
