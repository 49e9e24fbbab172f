namespace BiMamba.Formats.Spec;

/// <summary>Makes the nodes of a tree; shared by reader and writer.</summary>
internal static class SpecLayout
{
    internal static SpecNode NewRecord(SpecRecord record, SpecType type, SpecNode? parent, SpecField? field, int index) =>
        new SpecRecordNode { Record = record, Children = new SpecNode?[record.Fields.Length], Type = type, Parent = parent, Field = field, Index = index };

    internal static SpecIntegerNode NewInteger(SpecType type, SpecType.Integer storage, SpecEnum? words, SpecNode? parent, SpecField? field, int index) =>
        new() { Type = type, Storage = storage, Enum = words, Parent = parent, Field = field, Index = index };

    /// <summary>The least and the greatest value of an integer type.</summary>
    internal static (Int128 Least, Int128 Most) Range(SpecType.Integer type) => type.IsSigned
        ? (-(Int128.One << (8 * type.Size - 1)), (Int128.One << (8 * type.Size - 1)) - 1)
        : (Int128.Zero, (Int128.One << (8 * type.Size)) - 1);
}
