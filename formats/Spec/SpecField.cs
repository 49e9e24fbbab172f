using System.Collections.Immutable;

namespace BiMamba.Formats.Spec;

/// <summary>What a constraint demands.</summary>
public enum SpecConstraintKind
{
    /// <summary><c>= e</c>: the value is <c>e</c>. A writer derives the field.</summary>
    Equal,

    /// <summary><c>where e</c>: <c>e</c> holds.</summary>
    Where,

    /// <summary><c>each e</c>: <c>e</c> holds for every element, called <c>item</c>.</summary>
    Each,

    /// <summary><c>sorted by f</c>: field <c>f</c> of the elements increases strictly, in order of code points.</summary>
    Sorted,

    /// <summary><c>unique by f</c>: no two elements have the same text in field <c>f</c>.</summary>
    Unique,
}

/// <summary>One written constraint of a field.</summary>
/// <param name="Kind">What it demands.</param>
/// <param name="Expression">The expression; the key field for <see cref="SpecConstraintKind.Sorted"/> and <see cref="SpecConstraintKind.Unique"/>.</param>
/// <param name="Class">The word after <c>else</c>, a row of <see cref="SpecClasses"/>, or null.</param>
public sealed record SpecConstraint(SpecConstraintKind Kind, SpecExpression Expression, string? Class)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var text = Kind switch
        {
            SpecConstraintKind.Equal => $"= {Expression}",
            SpecConstraintKind.Where => $"where {Expression}",
            SpecConstraintKind.Each => $"each {Expression}",
            SpecConstraintKind.Sorted => $"sorted by {Expression}",
            SpecConstraintKind.Unique => $"unique by {Expression}",
            _ => throw new InvalidOperationException($"unknown constraint {Kind}"),
        };
        return Class is null ? text : $"{text} else {Class}";
    }
}

/// <summary>One field of a record.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Section">
/// <c>in x</c>: a record with fields <c>offset</c>, <c>size</c> and <c>sha256</c> that the bytes of this field fill
/// exactly; the hash is checked before the bytes are read.
/// </param>
/// <param name="Constraints">Written constraints, in order.</param>
/// <param name="Doc">Its sentence.</param>
/// <param name="Position">Position in the spec text.</param>
public sealed record SpecField(
    string Name,
    SpecType Type,
    SpecExpression.Reference? Section,
    ImmutableArray<SpecConstraint> Constraints,
    string Doc,
    int Position)
{
    /// <summary>The expression that a writer derives the field from, or null.</summary>
    public SpecExpression? Derivation => Constraints.FirstOrDefault(c => c.Kind == SpecConstraintKind.Equal)?.Expression;

    /// <summary>Type, section and constraints as text.</summary>
    public string Declaration =>
        string.Join(' ', [Type.ToString()!, .. Section is null ? (string[])[] : [$"in {Section}"], .. Constraints.Select(c => c.ToString())]);
}
