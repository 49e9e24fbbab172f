namespace BiMamba.Formats.Spec;

/// <summary>One place where a record or a union stands.</summary>
/// <param name="Owner">The record that holds it; a union stands as a record without fields.</param>
/// <param name="FieldIndex">The index of the field that holds it, or -1 in a union.</param>
/// <param name="Type">The type as it is written there.</param>
/// <param name="IsElement">True for the elements of an array.</param>
internal sealed record SpecUse(SpecRecord Owner, int FieldIndex, SpecType.Named Type, bool IsElement);
