using System.Globalization;
using BiMamba.Text;

namespace BiMamba.Pipeline;

/// <summary>The kinds of option values.</summary>
public enum OptionKind
{
    /// <summary>A whole number.</summary>
    Int,

    /// <summary>A number.</summary>
    Float,

    /// <summary>true or false.</summary>
    Bool,

    /// <summary>A word of a small vocabulary.</summary>
    Word,

    /// <summary>A text in double quotes.</summary>
    Text,

    /// <summary>A list of values.</summary>
    List,
}

/// <summary>A value in pipeline text.</summary>
public abstract record OptionValue
{
    /// <summary>The kind.</summary>
    public abstract OptionKind Kind { get; }

    /// <summary>The canonical text.</summary>
    public sealed override string ToString() => this switch
    {
        Int value => value.Value.ToString(CultureInfo.InvariantCulture),
        Float value => TextEscapes.Float(value.Value),
        Bool value => value.Value ? "true" : "false",
        Word value => value.Value,
        Text value => TextEscapes.Quote(value.Value),
        List value => "[" + string.Join(", ", value.Values) + "]",
        _ => throw new InvalidOperationException($"unknown option value {GetType().Name}"),
    };

    /// <summary>A whole number.</summary>
    public sealed record Int(long Value) : OptionValue
    {
        /// <inheritdoc/>
        public override OptionKind Kind => OptionKind.Int;
    }

    /// <summary>A number.</summary>
    public sealed record Float(double Value) : OptionValue
    {
        /// <inheritdoc/>
        public override OptionKind Kind => OptionKind.Float;
    }

    /// <summary>true or false.</summary>
    public sealed record Bool(bool Value) : OptionValue
    {
        /// <inheritdoc/>
        public override OptionKind Kind => OptionKind.Bool;
    }

    /// <summary>A word.</summary>
    public sealed record Word(string Value) : OptionValue
    {
        /// <inheritdoc/>
        public override OptionKind Kind => OptionKind.Word;
    }

    /// <summary>A text.</summary>
    public sealed record Text(string Value) : OptionValue
    {
        /// <inheritdoc/>
        public override OptionKind Kind => OptionKind.Text;
    }

    /// <summary>A list.</summary>
    public sealed record List(IReadOnlyList<OptionValue> Values) : OptionValue
    {
        /// <inheritdoc/>
        public override OptionKind Kind => OptionKind.List;

        /// <inheritdoc/>
        public bool Equals(List? other) => other is not null && Values.SequenceEqual(other.Values);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Values.Count, Values.Count > 0 ? Values[0] : null);
    }
}
