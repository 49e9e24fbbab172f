using System.Collections.Immutable;
using System.Globalization;
using BiMamba.Tensors;

namespace BiMamba.IR;

/// <summary>The type of a value: an element type and dimensions, where <see cref="Tokens"/> stands for the number of tokens of a run.</summary>
public sealed class ValueType : IEquatable<ValueType>
{
    /// <summary>The symbolic token dimension, written <c>T</c>.</summary>
    public const long Tokens = -1;

    /// <summary>A type of an element type and dimensions, outermost first.</summary>
    public ValueType(ElementType element, params ReadOnlySpan<long> dims)
    {
        Element = element;
        Dims = [.. dims];
    }

    /// <summary>The element type.</summary>
    public ElementType Element { get; }

    /// <summary>Dimensions, outermost first; <see cref="Tokens"/> is symbolic.</summary>
    public ImmutableArray<long> Dims { get; }

    /// <summary>The last dimension: features of a token.</summary>
    public long Width => Dims[^1];

    /// <summary>Features of every token: <c>f32[T,width]</c>.</summary>
    public static ValueType Features(long width) => new(ElementType.F32, Tokens, width);

    /// <summary>True for <c>f32[T,n]</c>.</summary>
    public bool IsFeatures => Element == ElementType.F32 && Dims.Length == 2 && Dims[0] == Tokens;

    /// <inheritdoc/>
    public bool Equals(ValueType? other) =>
        other is not null && Element == other.Element && Dims.AsSpan().SequenceEqual(other.Dims.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ValueType);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Element, Dims.Length, Dims.LastOrDefault());

    /// <summary>The text form: <c>f32[T,1536]</c>.</summary>
    public override string ToString() =>
        $"{Element.Name()}[{string.Join(',', Dims.Select(dim => dim == Tokens ? "T" : dim.ToString(CultureInfo.InvariantCulture)))}]";
}
