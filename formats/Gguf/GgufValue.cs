using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace BiMamba.Formats.Gguf;

/// <summary>A typed value of the metadata.</summary>
public abstract partial record GgufValue
{
    private GgufValue()
    {
    }

    /// <summary>The number of its type, as in the enum value_type of <c>formats/gguf.spec</c>.</summary>
    internal abstract uint TypeNumber { get; }

    /// <summary>Unsigned 8-bit integer.</summary>
    public static implicit operator GgufValue(byte value) => new Scalar<byte>(0, value);

    /// <summary>Signed 8-bit integer.</summary>
    public static implicit operator GgufValue(sbyte value) => new Scalar<sbyte>(1, value);

    /// <summary>Unsigned 16-bit integer.</summary>
    public static implicit operator GgufValue(ushort value) => new Scalar<ushort>(2, value);

    /// <summary>Signed 16-bit integer.</summary>
    public static implicit operator GgufValue(short value) => new Scalar<short>(3, value);

    /// <summary>Unsigned 32-bit integer.</summary>
    public static implicit operator GgufValue(uint value) => new Scalar<uint>(4, value);

    /// <summary>Signed 32-bit integer.</summary>
    public static implicit operator GgufValue(int value) => new Scalar<int>(5, value);

    /// <summary>IEEE 754 binary32.</summary>
    public static implicit operator GgufValue(float value) => new Scalar<float>(6, value);

    /// <summary>A truth value.</summary>
    public static implicit operator GgufValue(bool value) => new Scalar<bool>(7, value);

    /// <summary>Text.</summary>
    public static implicit operator GgufValue(string value) => new Text(value);

    /// <summary>Unsigned 64-bit integer.</summary>
    public static implicit operator GgufValue(ulong value) => new Scalar<ulong>(10, value);

    /// <summary>Signed 64-bit integer.</summary>
    public static implicit operator GgufValue(long value) => new Scalar<long>(11, value);

    /// <summary>IEEE 754 binary64.</summary>
    public static implicit operator GgufValue(double value) => new Scalar<double>(12, value);

    /// <summary>A list of texts, which may be empty.</summary>
    public static GgufValue Strings(IEnumerable<string> items) => new List(8, [.. items.Select(item => (GgufValue)item)]);

    /// <summary>A list of signed 32-bit integers, which may be empty.</summary>
    public static GgufValue Integers(IEnumerable<int> items) => new List(5, [.. items.Select(item => (GgufValue)item)]);

    /// <summary>A list of binary32 numbers, which may be empty.</summary>
    public static GgufValue Floats(IEnumerable<float> items) => new List(6, [.. items.Select(item => (GgufValue)item)]);

    /// <summary>A list.</summary>
    /// <param name="items">At least one value, all of one type; lists of lists are possible.</param>
    /// <exception cref="ArgumentException">There is no value, or the types differ.</exception>
    public static GgufValue ListOf(params IReadOnlyList<GgufValue> items)
    {
        if (items.Count == 0 || items.Any(item => item.TypeNumber != items[0].TypeNumber))
            throw new ArgumentException("expected values of one type, at least one", nameof(items));
        return new List(items[0].TypeNumber, [.. items]);
    }

    /// <summary>Writes the value without its type.</summary>
    internal abstract void Write(BinaryWriter writer);

    private sealed record Scalar<T>(uint Number, T Value) : GgufValue
        where T : unmanaged
    {
        internal override uint TypeNumber => Number;

        internal override void Write(BinaryWriter writer)
        {
            var value = Value;
            writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        }
    }

    private sealed record Text(string Value) : GgufValue
    {
        internal override uint TypeNumber => 8;

        internal override void Write(BinaryWriter writer) => GgufHeader.WriteText(writer, Value);
    }

    private sealed record List(uint ItemType, ImmutableArray<GgufValue> Items) : GgufValue
    {
        internal override uint TypeNumber => 9;

        internal override void Write(BinaryWriter writer)
        {
            writer.Write(ItemType);
            writer.Write((ulong)Items.Length);
            foreach (var item in Items)
                item.Write(writer);
        }
    }
}
