namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM20xx: rules of the IR that the verifier checks.</summary>
public static class IrDiagnostics
{
    /// <summary>A name is defined twice.</summary>
    public static readonly DiagnosticDescriptor DefinedTwice = Row("BIM2001", "A value or block is defined once.");

    /// <summary>A value is read before it is defined.</summary>
    public static readonly DiagnosticDescriptor UnknownValue = Row("BIM2002", "A value is defined before it is read.");

    /// <summary>A resource is missing.</summary>
    public static readonly DiagnosticDescriptor UnknownResource = Row("BIM2003", "Every resource that an op names exists.");

    /// <summary>The operands are not those of the op table.</summary>
    public static readonly DiagnosticDescriptor Operands = Row("BIM2004", "An op has the operands of the op table, in its order.");

    /// <summary>The attributes are not those of the op table.</summary>
    public static readonly DiagnosticDescriptor OpAttributes = Row("BIM2005", "An op has the attributes of the op table, each of its kind.");

    /// <summary>A shape does not fit.</summary>
    public static readonly DiagnosticDescriptor ShapeMismatch = Row("BIM2006", "Shapes of values and resources fit each other.");

    /// <summary>An op stands at a level where it may not.</summary>
    public static readonly DiagnosticDescriptor OpLevel = Row("BIM2007", "An op stands only at its levels.");

    /// <summary>A resource has an encoding that its role cannot have.</summary>
    public static readonly DiagnosticDescriptor RoleEncoding = Row("BIM2008", "A resource has an encoding that its role allows at the module's level.");

    /// <summary>Blocks do not fit each other.</summary>
    public static readonly DiagnosticDescriptor BlockChain = Row("BIM2009", "Each block takes what the one before returns; the first takes ids, the last returns logits.");

    /// <summary>A result differs from what the op computes.</summary>
    public static readonly DiagnosticDescriptor ResultType = Row("BIM2010", "An op defines the results that it computes.");

    /// <summary>A resource is not used.</summary>
    public static readonly DiagnosticDescriptor UnusedResource = Row("BIM2011", "Every resource is named by an op.");

    /// <summary>A name cannot be printed.</summary>
    public static readonly DiagnosticDescriptor Name = Row("BIM2012", "A name is not empty, is whole Unicode characters, and none of them is a control character.");

    private static DiagnosticDescriptor Row(string id, string summary) =>
        DiagnosticDescriptor.Error(id, ExitCode.Malformed, summary);
}
