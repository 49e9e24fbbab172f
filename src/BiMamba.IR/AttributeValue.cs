using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Text;

namespace BiMamba.IR;

/// <summary>A value of an attribute of an op or a module.</summary>
public abstract record AttributeValue
{
    /// <summary>The text form.</summary>
    public sealed override string ToString() => this switch
    {
        Int value => value.Value.ToString(CultureInfo.InvariantCulture),
        Float value => TextEscapes.Float(value.Value),
        Bool value => value.Value ? "true" : "false",
        Word value => TextEscapes.Word(value.Value),
        Ints value => "[" + string.Join(", ", value.Values.Select(v => v.ToString(CultureInfo.InvariantCulture))) + "]",
        _ => throw new InvalidOperationException($"unknown attribute value {GetType().Name}"),
    };

    /// <summary>An integer.</summary>
    public sealed record Int(long Value) : AttributeValue;

    /// <summary>A floating-point number; infinities are written <c>inf</c> and <c>-inf</c>.</summary>
    public sealed record Float(double Value) : AttributeValue;

    /// <summary>A truth value.</summary>
    public sealed record Bool(bool Value) : AttributeValue;

    /// <summary>A word of a small vocabulary.</summary>
    public sealed record Word(string Value) : AttributeValue;

    /// <summary>A list of integers.</summary>
    public sealed record Ints(ImmutableArray<long> Values) : AttributeValue
    {
        /// <inheritdoc/>
        public bool Equals(Ints? other) => other is not null && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Values.Length, Values.FirstOrDefault());
    }
}

/// <summary>The kinds of attribute values.</summary>
public enum AttributeKind
{
    /// <summary><see cref="AttributeValue.Int"/>.</summary>
    Int,

    /// <summary><see cref="AttributeValue.Float"/>.</summary>
    Float,

    /// <summary><see cref="AttributeValue.Bool"/>.</summary>
    Bool,

    /// <summary><see cref="AttributeValue.Word"/>.</summary>
    Word,

    /// <summary><see cref="AttributeValue.Ints"/>.</summary>
    Ints,
}
