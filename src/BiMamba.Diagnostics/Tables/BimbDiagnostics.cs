namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM40xx: files that are read, verified and written by their spec. BIM41xx: format specs.</summary>
public static class BimbDiagnostics
{
    /// <summary>The file does not begin with the signature.</summary>
    public static readonly DiagnosticDescriptor Signature =
        DiagnosticDescriptor.Error("BIM4001", ExitCode.Malformed, "A file does not begin with the signature of its format.");

    /// <summary>The version of the layout is unknown.</summary>
    public static readonly DiagnosticDescriptor Version =
        DiagnosticDescriptor.Error("BIM4002", ExitCode.Unsupported, "The version of a file's layout is unknown.");

    /// <summary>A word of an open vocabulary, such as an encoding, is unknown.</summary>
    public static readonly DiagnosticDescriptor Unsupported =
        DiagnosticDescriptor.Error("BIM4003", ExitCode.Unsupported, "A file uses an encoding, level, op or other word that this version does not know.");

    /// <summary>A field runs over the end of its section or of the file.</summary>
    public static readonly DiagnosticDescriptor Truncated =
        DiagnosticDescriptor.Error("BIM4004", ExitCode.Malformed, "A field runs over the end of its section or of the file.");

    /// <summary>A fixed or derived field has another value.</summary>
    public static readonly DiagnosticDescriptor DerivedValue =
        DiagnosticDescriptor.Error("BIM4005", ExitCode.Malformed, "A field has another value than the spec derives.");

    /// <summary>A field breaks a constraint.</summary>
    public static readonly DiagnosticDescriptor Constraint =
        DiagnosticDescriptor.Error("BIM4006", ExitCode.Malformed, "A field breaks a constraint of the spec.");

    /// <summary>A word of a closed vocabulary is unknown.</summary>
    public static readonly DiagnosticDescriptor UnknownWord =
        DiagnosticDescriptor.Error("BIM4007", ExitCode.Malformed, "A field has a value outside its closed vocabulary.");

    /// <summary>Rows are not in strictly increasing order.</summary>
    public static readonly DiagnosticDescriptor Order =
        DiagnosticDescriptor.Error("BIM4008", ExitCode.Malformed, "Rows are not in strictly increasing order.");

    /// <summary>Text is not UTF-8.</summary>
    public static readonly DiagnosticDescriptor NotUtf8 =
        DiagnosticDescriptor.Error("BIM4009", ExitCode.Malformed, "A text in a file is not UTF-8.");

    /// <summary>Padding is not zero.</summary>
    public static readonly DiagnosticDescriptor Padding =
        DiagnosticDescriptor.Error("BIM4010", ExitCode.Malformed, "Padding bytes are not zero.");

    /// <summary>Bytes are left over.</summary>
    public static readonly DiagnosticDescriptor TrailingBytes =
        DiagnosticDescriptor.Error("BIM4011", ExitCode.Malformed, "Bytes are left over at the end of a section or of the file.");

    /// <summary>A size or an offset overflows.</summary>
    public static readonly DiagnosticDescriptor Overflow =
        DiagnosticDescriptor.Error("BIM4012", ExitCode.Malformed, "A size or an offset that the spec derives overflows.");

    /// <summary>The hash of the head or of a section differs.</summary>
    public static readonly DiagnosticDescriptor SectionHash =
        DiagnosticDescriptor.Error("BIM4013", ExitCode.VerificationFailed, "The SHA-256 of the head or of a section differs.");

    /// <summary>The hash of a tensor differs.</summary>
    public static readonly DiagnosticDescriptor TensorHash =
        DiagnosticDescriptor.Error("BIM4014", ExitCode.VerificationFailed, "The SHA-256 of a tensor differs.");

    /// <summary>A packed tensor is not in canonical form.</summary>
    public static readonly DiagnosticDescriptor PackedPadding =
        DiagnosticDescriptor.Error("BIM4015", ExitCode.Malformed, "A packed tensor has padding bits that are not zero.");

    /// <summary>A list of exact zeros is not one.</summary>
    public static readonly DiagnosticDescriptor ZeroList =
        DiagnosticDescriptor.Error("BIM4016", ExitCode.Malformed, "A list of exact zeros is not strictly ascending inside its plane, or a zero has not the bit of +1.");

    /// <summary>Two rows have one key.</summary>
    public static readonly DiagnosticDescriptor DuplicateKey =
        DiagnosticDescriptor.Error("BIM4017", ExitCode.Malformed, "Two rows of a file have the same name or key.");

    /// <summary>A file holds more values than a reader keeps.</summary>
    public static readonly DiagnosticDescriptor TooManyValues =
        DiagnosticDescriptor.Error("BIM4018", ExitCode.Malformed, "A file holds more values than a reader keeps in memory.");

    /// <summary>A module cannot be stored.</summary>
    public static readonly DiagnosticDescriptor NotStorable =
        DiagnosticDescriptor.Error("BIM4020", ExitCode.Unsupported, "A module holds something that the file format cannot hold.");

    /// <summary>A column order is no permutation.</summary>
    public static readonly DiagnosticDescriptor ColumnOrder =
        DiagnosticDescriptor.Error("BIM4021", ExitCode.Malformed, "A column order does not name every column once.");

    /// <summary>A spec names something that does not exist.</summary>
    public static readonly DiagnosticDescriptor SpecUnknownName =
        DiagnosticDescriptor.Error("BIM4101", ExitCode.Malformed, "A format spec names something that does not exist.");

    /// <summary>A spec defines a name twice.</summary>
    public static readonly DiagnosticDescriptor SpecDuplicate =
        DiagnosticDescriptor.Error("BIM4102", ExitCode.Malformed, "A format spec defines a name or a value twice.");

    /// <summary>A spec uses a thing in a way that it cannot be used.</summary>
    public static readonly DiagnosticDescriptor SpecMisuse =
        DiagnosticDescriptor.Error("BIM4103", ExitCode.Malformed, "A format spec uses a type, a function or a record in a way that has no meaning.");
}
