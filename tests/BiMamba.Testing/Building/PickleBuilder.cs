using System.Buffers.Binary;
using System.Text;

namespace BiMamba.Testing.Building;

/// <summary>Writes pickles instruction by instruction.</summary>
public sealed class PickleBuilder
{
    private readonly List<byte> bytes = [];

    /// <summary>A pickle of protocol 2.</summary>
    public PickleBuilder() => Raw(0x80, 2);

    /// <summary>A dict of tensors, each on an F32 storage '0' of so many elements.</summary>
    public static byte[] StateDict(long numel, params string[] names)
    {
        var pickle = new PickleBuilder().Op('}').Op('(');
        foreach (var name in names)
            pickle.Text(name).Tensor("FloatStorage", "0", numel, 0, [numel], [1]);
        return pickle.Op('u').Stop();
    }

    /// <summary>Bytes as they are.</summary>
    public PickleBuilder Raw(params byte[] raw)
    {
        bytes.AddRange(raw);
        return this;
    }

    /// <summary>An instruction without arguments.</summary>
    public PickleBuilder Op(char code) => Raw((byte)code);

    /// <summary>A string.</summary>
    public PickleBuilder Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Op('X').Raw(length).Raw(utf8);
    }

    /// <summary>An integer as LONG1 of eight bytes.</summary>
    public PickleBuilder Integer(long value)
    {
        var digits = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(digits, value);
        return Raw(0x8a, 8).Raw(digits);
    }

    /// <summary>A global by module and name.</summary>
    public PickleBuilder Global(string module, string name) => Op('c').Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    /// <summary>A tuple of integers.</summary>
    public PickleBuilder Integers(params long[] values)
    {
        Op('(');
        foreach (var value in values)
            Integer(value);
        return Op('t');
    }

    /// <summary>The persistent id of a storage.</summary>
    public PickleBuilder Storage(string type, string key, long numel) =>
        Op('(').Text("storage").Global(type.Contains('.') ? type[..type.LastIndexOf('.')] : "torch", type[(type.LastIndexOf('.') + 1)..])
            .Text(key).Text("cpu").Integer(numel).Op('t').Op('Q');

    /// <summary>A tensor over a storage.</summary>
    public PickleBuilder Tensor(string type, string key, long numel, long offset, long[] dims, long[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage(type, key, numel)
            .Integer(offset).Integers(dims).Integers(strides).Raw(0x89).Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');

    /// <summary>The whole pickle, with its last instruction.</summary>
    public byte[] Stop() => Op('.').bytes.ToArray();
}
