namespace BiMamba.Formats.Spec;

/// <summary>
/// The values that a writer gives to a record, by field: <see cref="long"/> or <see cref="int"/> for integers, the
/// word for enums, <see cref="double"/>, <see cref="string"/>, <see cref="ReadOnlyMemory{T}"/> of bytes,
/// <see cref="SpecObject"/>, <see cref="SpecChoice"/> and lists of these. Fields that the spec derives, padding and
/// regions are left out.
/// </summary>
public sealed class SpecObject() : Dictionary<string, object>(StringComparer.Ordinal);

/// <summary>The case of a union and its content.</summary>
public sealed record SpecChoice(string Case, object Content);
