using BiMamba.Tensors;

namespace BiMamba.Formats.TorchPickle.Pickle;

/// <summary>A value that a pickle builds: plain data, never code.</summary>
internal abstract class PickleValue
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }
}

/// <summary>A value whose content is of no interest: a float, bytes, a device, the result of a refused call.</summary>
internal sealed class PickleOpaque(string kind) : PickleValue
{
    public static readonly PickleOpaque None = new("None");
    public static readonly PickleOpaque Float = new("a float");
    public static readonly PickleOpaque Bytes = new("bytes");
    public static readonly PickleOpaque Set = new("a set");
    public static readonly PickleOpaque BigInteger = new("an integer over 64 bits");
    public static readonly PickleOpaque Device = new("a device");
    public static readonly PickleOpaque Refused = new("a refused object");

    public override string Kind => kind;
}

/// <summary>True or False.</summary>
internal sealed class PickleBool(bool value) : PickleValue
{
    public static readonly PickleBool True = new(true);
    public static readonly PickleBool False = new(false);

    public bool Value => value;

    public override string Kind => "a boolean";
}

/// <summary>An integer of 64 bits.</summary>
internal sealed class PickleInteger(long value) : PickleValue
{
    public long Value => value;

    public override string Kind => "an integer";
}

/// <summary>A string.</summary>
internal sealed class PickleText(string value) : PickleValue
{
    public string Value => value;

    public override string Kind => "a string";
}

/// <summary>A tuple, or a torch.Size.</summary>
internal sealed class PickleTuple(PickleValue[] items) : PickleValue
{
    public static readonly PickleTuple Empty = new([]);

    public IReadOnlyList<PickleValue> Items => items;

    public override string Kind => "a tuple";
}

/// <summary>A list. It can hold itself.</summary>
internal sealed class PickleList : PickleValue
{
    public List<PickleValue> Items { get; } = [];

    public override string Kind => "a list";
}

/// <summary>A dict or an OrderedDict in order of insertion, with repeated keys kept. It can hold itself.</summary>
internal sealed class PickleDict : PickleValue
{
    public List<KeyValuePair<PickleValue, PickleValue>> Items { get; } = [];

    public override string Kind => "a dict";
}

/// <summary>An allow-listed global.</summary>
internal sealed class PickleGlobal(GlobalRow row) : PickleValue
{
    public GlobalRow Row => row;

    public override string Kind => $"the global {row.FullName}";
}

/// <summary>A storage: a record of the archive and how it is declared.</summary>
/// <param name="typeName">Name of the storage class.</param>
/// <param name="type">Element type, null if the class has none or one that is not supported.</param>
/// <param name="key">Name of the record under data/.</param>
/// <param name="count">Declared elements; bytes of an untyped storage.</param>
internal sealed class PickleStorage(string typeName, ElementType? type, string key, long count) : PickleValue
{
    public string TypeName => typeName;

    public ElementType? Type => type;

    public string Key => key;

    public long Count => count;

    public override string Kind => "a storage";
}

/// <summary>A tensor as declared, not yet checked against its storage.</summary>
/// <param name="storage">The storage.</param>
/// <param name="typeName">Name of the element type or storage class.</param>
/// <param name="type">Element type, null if not supported.</param>
/// <param name="first">Index of the first element in the storage.</param>
/// <param name="dims">Shape.</param>
/// <param name="strides">Strides in elements.</param>
/// <param name="flag">A flag such as <c>neg</c> that changes what the values mean, or null.</param>
internal sealed class PickleTensor(PickleStorage storage, string typeName, ElementType? type, long first, long[] dims, long[] strides, string? flag) : PickleValue
{
    public PickleStorage Storage => storage;

    public string TypeName => typeName;

    public ElementType? Type => type;

    public long First => first;

    public ReadOnlySpan<long> Dims => dims;

    public ReadOnlySpan<long> Strides => strides;

    public string? Flag => flag;

    public override string Kind => "a tensor";
}
