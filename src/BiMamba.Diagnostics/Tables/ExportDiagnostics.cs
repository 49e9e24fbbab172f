namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM63xx: models that are written as files of other programs.</summary>
public static class ExportDiagnostics
{
    /// <summary>A block is no Mamba layer.</summary>
    public static readonly DiagnosticDescriptor NotALayer =
        DiagnosticDescriptor.Error("BIM6301", ExitCode.Unsupported, "A block of the model has not the ops of a Mamba layer, which is all that the format can hold.");

    /// <summary>The format has no place for a part of the model.</summary>
    public static readonly DiagnosticDescriptor CannotHold =
        DiagnosticDescriptor.Error("BIM6302", ExitCode.Unsupported, "The format has no place for a part of the model.");

    /// <summary>A weight is not held exactly, and only exact files are wanted.</summary>
    public static readonly DiagnosticDescriptor NotExact =
        DiagnosticDescriptor.Error("BIM6303", ExitCode.Unsupported, "The file would not hold a weight exactly, and --strict was given.");

    /// <summary>What the file does not hold exactly.</summary>
    public static readonly DiagnosticDescriptor Loss =
        DiagnosticDescriptor.Warning("BIM6304", "The file does not hold every weight exactly.");

    /// <summary>Rows of a tensor are no whole number of blocks.</summary>
    public static readonly DiagnosticDescriptor OtherType =
        DiagnosticDescriptor.Warning("BIM6305", "A tensor is stored in another type than the one that was asked for.");

    /// <summary>Text may be tokenized otherwise than by this tool.</summary>
    public static readonly DiagnosticDescriptor Tokenizer =
        DiagnosticDescriptor.Warning("BIM6306", "Other programs may tokenize a text otherwise, or not at all.");

    /// <summary>Programs that read the format may refuse the model.</summary>
    public static readonly DiagnosticDescriptor Reader =
        DiagnosticDescriptor.Warning("BIM6307", "The file is valid, but programs that read it are known to refuse such a model.");

    /// <summary>The options of an export do not go together.</summary>
    public static readonly DiagnosticDescriptor Options =
        DiagnosticDescriptor.Error("BIM6308", ExitCode.Usage, "The options of an export do not go together.");
}
