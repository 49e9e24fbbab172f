using System.Collections.Immutable;

namespace BiMamba.Formats.Gguf;

/// <content>What a value holds, for those who read it.</content>
public abstract partial record GgufValue
{
    /// <summary>The type.</summary>
    public GgufValueType Type => (GgufValueType)TypeNumber;

    /// <summary>The value of any integer type, where it fits 64 bits with a sign; otherwise null.</summary>
    public long? AsInteger() => this switch
    {
        Scalar<byte> scalar => scalar.Value,
        Scalar<sbyte> scalar => scalar.Value,
        Scalar<ushort> scalar => scalar.Value,
        Scalar<short> scalar => scalar.Value,
        Scalar<uint> scalar => scalar.Value,
        Scalar<int> scalar => scalar.Value,
        Scalar<ulong> { Value: <= long.MaxValue } scalar => (long)scalar.Value,
        Scalar<long> scalar => scalar.Value,
        _ => null,
    };

    /// <summary>The value of any integer or floating-point type; integers over 53 bits are rounded. Null for the other types.</summary>
    public double? AsNumber() => this switch
    {
        Scalar<float> scalar => scalar.Value,
        Scalar<double> scalar => scalar.Value,
        Scalar<ulong> scalar => scalar.Value,
        _ => AsInteger(),
    };

    /// <summary>The value of type bool, or null.</summary>
    public bool? AsTruth() => this is Scalar<bool> scalar ? scalar.Value : null;

    /// <summary>The value of type string, or null.</summary>
    public string? AsText() => this is Text text ? text.Value : null;

    /// <summary>The value of type array, or null.</summary>
    public GgufArray? AsArray() => this switch
    {
        List list => new GgufArray.Held((GgufValueType)list.ItemType, list.Items),
        Read read => read.Items,
        _ => null,
    };

    /// <summary>A list that was read from a file.</summary>
    internal static GgufValue Of(GgufArray items) => new Read(items);

    private sealed record Read(GgufArray Items) : GgufValue
    {
        internal override uint TypeNumber => (uint)GgufValueType.Array;

        internal override void Write(BinaryWriter writer)
        {
            writer.Write((uint)Items.ItemType);
            writer.Write((ulong)Items.Count);
            foreach (var item in Items)
                item.Write(writer);
        }
    }
}
