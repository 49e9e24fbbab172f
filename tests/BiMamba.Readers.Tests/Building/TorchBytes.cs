using BiMamba.Testing.Building;

namespace BiMamba.Readers.Tests.Building;

/// <summary>Literal torch archives.</summary>
internal static class TorchBytes
{
    /// <summary>An archive 'a' of a pickle and the storage '0'.</summary>
    public static byte[] Of(byte[] pickle, params byte[] storage) => OfStorages(pickle, ("0", storage));

    /// <summary>An archive 'a' of a pickle and storages.</summary>
    public static byte[] OfStorages(byte[] pickle, params (string Key, byte[] Data)[] storages)
    {
        var zip = new ZipBuilder().Add("a/data.pkl", pickle).Add("a/byteorder", "little"u8.ToArray());
        foreach (var (key, data) in storages)
            zip.Add("a/data/" + key, data);
        return zip.Add("a/version", "3\n"u8.ToArray()).Build();
    }

    /// <summary>An archive whose pickle is a dict with the one value 'x'.</summary>
    public static byte[] OfValue(Func<PickleBuilder, PickleBuilder> value, params byte[] storage) =>
        Of(value(new PickleBuilder().Op('}').Text("x")).Op('s').Stop(), storage);

    /// <summary>An archive with one tensor 'x' over the storage '0' of four floats 0, 1, 2, 3.</summary>
    public static byte[] OfTensor(long offset, long[] dims, long[] strides, long numel = 4, string type = "FloatStorage") =>
        OfValue(pickle => pickle.Tensor(type, "0", numel, offset, dims, strides), FourFloats());

    public static byte[] FourFloats() => [0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40];
}
