using BiMamba.Diagnostics;
using BiMamba.Text;

namespace BiMamba.IR.Reading;

/// <summary>Reads IR text, the form that <see cref="IrPrinter"/> writes.</summary>
public static class IrParser
{
    /// <summary>The ending of files of IR text.</summary>
    public const string Extension = ".bmir";

    /// <summary>
    /// A verified module of a text; null where the bag got an error. Errors of syntax are
    /// <see cref="Diagnostics.Tables.TextDiagnostics.Syntax"/> at the furthest failure; all others are of
    /// <see cref="Diagnostics.Tables.IrTextDiagnostics"/> and <see cref="Diagnostics.Tables.IrDiagnostics"/> at the op, block or resource that breaks them.
    /// </summary>
    public static IrText? Parse(SourceText text, DiagnosticBag diagnostics) =>
        ParseUnverified(text, diagnostics) is { } parsed && Verifier.Verify(parsed, diagnostics) ? parsed : null;

    /// <summary>As <see cref="Parse"/>, without the verifier's rules.</summary>
    public static IrText? ParseUnverified(SourceText text, DiagnosticBag diagnostics) =>
        SyntaxParser.Parse(text, IrGrammar.Module, diagnostics, NewLines.Significant) is { } syntax ? IrBinder.Bind(text, syntax, diagnostics) : null;
}
