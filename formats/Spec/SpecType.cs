using System.Collections.Immutable;

namespace BiMamba.Formats.Spec;

/// <summary>The type of a field. Its text form is its source.</summary>
public abstract record SpecType
{
    /// <summary>A little-endian integer: <c>u8 u16 u32 u64 i8 i16 i32 i64</c>.</summary>
    public sealed record Integer(string Name, int Size, bool IsSigned) : SpecType
    {
        /// <inheritdoc/>
        public override string ToString() => Name;
    }

    /// <summary>A little-endian IEEE 754 number: <c>f32 f64</c>.</summary>
    public sealed record Floating(string Name, int Size) : SpecType
    {
        /// <inheritdoc/>
        public override string ToString() => Name;
    }

    /// <summary>A length prefix and UTF-8: <c>text8 text16 text32 text64</c>.</summary>
    public sealed record Text(string Name, Integer Prefix) : SpecType
    {
        /// <inheritdoc/>
        public override string ToString() => Name;
    }

    /// <summary>Bytes of a length: <c>bytes[n]</c>.</summary>
    public sealed record Bytes(SpecExpression Length) : SpecType
    {
        /// <inheritdoc/>
        public override string ToString() => $"bytes[{Length}]";
    }

    /// <summary>UTF-8 of a length in bytes: <c>utf8[n]</c>.</summary>
    public sealed record Utf8(SpecExpression Length) : SpecType
    {
        /// <inheritdoc/>
        public override string ToString() => $"utf8[{Length}]";
    }

    /// <summary>Zero bytes: <c>zero[n]</c>.</summary>
    public sealed record Zero(SpecExpression Length) : SpecType
    {
        /// <inheritdoc/>
        public override string ToString() => $"zero[{Length}]";
    }

    /// <summary>
    /// Bytes that a reader maps and does not read: <c>region[n]</c>, or <c>region[n] of rows</c>, where each row names a
    /// piece by its fields <c>offset</c>, <c>size</c> and <c>sha256</c> and every byte between the pieces is zero.
    /// </summary>
    public sealed record Region(SpecExpression Length, SpecExpression.Reference? Rows) : SpecType
    {
        /// <inheritdoc/>
        public override string ToString() => Rows is null ? $"region[{Length}]" : $"region[{Length}] of {Rows}";
    }

    /// <summary>Elements in a row: <c>T[count]</c>, or <c>T[u16]</c> with a count prefix.</summary>
    public sealed record Array(SpecType Element, SpecExpression? Count, Integer? Prefix) : SpecType
    {
        /// <summary>The least bytes of an element, at least 1; set by the checker.</summary>
        internal long LeastElement { get; set; } = 1;

        /// <inheritdoc/>
        public override string ToString() => $"{Element}[{(object?)Prefix ?? Count}]";
    }

    /// <summary>
    /// An enum, record or union, with the arguments of a record that has parameters, or with the field that selects the
    /// case of a union.
    /// </summary>
    public sealed record Named(string Name, ImmutableArray<SpecExpression> Arguments, int Position) : SpecType
    {
        /// <summary>The <see cref="SpecEnum"/>, <see cref="SpecRecord"/> or <see cref="SpecUnion"/>; set by the checker.</summary>
        internal object? Definition { get; set; }

        /// <inheritdoc/>
        public override string ToString() => Arguments.IsEmpty ? Name : $"{Name}({string.Join(", ", Arguments)})";
    }
}

/// <summary>The built-in types that stand for themselves.</summary>
public static class SpecTypes
{
    /// <summary>The integers by name.</summary>
    public static ImmutableArray<SpecType.Integer> Integers { get; } =
    [
        new("u8", 1, false), new("u16", 2, false), new("u32", 4, false), new("u64", 8, false),
        new("i8", 1, true), new("i16", 2, true), new("i32", 4, true), new("i64", 8, true),
    ];

    /// <summary>Every built-in type without brackets.</summary>
    public static ImmutableArray<SpecType> Plain { get; } =
    [
        .. Integers,
        new SpecType.Floating("f32", 4), new SpecType.Floating("f64", 8),
        new SpecType.Text("text8", Integers[0]), new SpecType.Text("text16", Integers[1]), new SpecType.Text("text32", Integers[2]), new SpecType.Text("text64", Integers[3]),
    ];

    /// <summary>A built-in type by its text form, or null.</summary>
    public static SpecType? Find(string name) => Plain.FirstOrDefault(type => type.ToString() == name);
}
