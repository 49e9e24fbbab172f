namespace BiMamba.Formats.Spec;

/// <summary>What an expression gives.</summary>
internal enum SpecKind
{
    /// <summary>Known only where a file is read: content that a field selects.</summary>
    Unknown,

    /// <summary>Several, by the places of the record.</summary>
    Mixed,

    /// <summary>An integer or a word of an enum.</summary>
    Integer,

    /// <summary>A truth value.</summary>
    Truth,

    /// <summary>Text or bytes.</summary>
    Bytes,

    /// <summary>An array, which has elements and no value.</summary>
    Array,

    /// <summary>A record, which has fields and no value.</summary>
    Record,

    /// <summary>A floating-point number, padding, a region or a tagged union, of which no expression speaks.</summary>
    Opaque,
}

/// <summary>What a name or an expression means.</summary>
/// <param name="Kind">What it gives.</param>
/// <param name="IsField">True where it names a field.</param>
/// <param name="Type">The type of the field, or null where that depends on the place of the record.</param>
internal readonly record struct SpecMeaning(SpecKind Kind, bool IsField, SpecType? Type)
{
    /// <summary>The meaning of an expression that is no field.</summary>
    internal static SpecMeaning Of(SpecKind kind) => new(kind, false, null);

    /// <summary>The meaning of a field of a type.</summary>
    internal static SpecMeaning Of(SpecType type) => new(
        type switch
        {
            SpecType.Integer or SpecType.Named { Definition: SpecEnum } => SpecKind.Integer,
            SpecType.Text or SpecType.Utf8 or SpecType.Bytes => SpecKind.Bytes,
            SpecType.Array => SpecKind.Array,
            SpecType.Named { Definition: SpecRecord } => SpecKind.Record,
            SpecType.Named { Definition: SpecUnion { By: not null } } => SpecKind.Unknown,
            _ => SpecKind.Opaque,
        },
        true,
        type);

    /// <summary>A kind as diagnostics say it.</summary>
    internal static string Name(SpecKind kind) => kind switch
    {
        SpecKind.Integer => "an integer",
        SpecKind.Truth => "a truth value",
        SpecKind.Bytes => "text or bytes",
        SpecKind.Array => "an array",
        SpecKind.Record => "a record",
        SpecKind.Mixed => "of several kinds, by the place of its record",
        _ => "a value without operators",
    };
}
