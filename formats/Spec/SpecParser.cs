using BiMamba.Diagnostics;
using BiMamba.Text;

namespace BiMamba.Formats.Spec;

/// <summary>Reads a format spec.</summary>
public static class SpecParser
{
    /// <summary>
    /// A spec of a text. Null with one <see cref="BiMamba.Diagnostics.Tables.TextDiagnostics.Syntax"/>, or with every
    /// unknown name, duplicate and misuse, by line and column.
    /// </summary>
    public static SpecFormat? Parse(SourceText text, DiagnosticBag diagnostics)
    {
        var format = SyntaxParser.Parse(text, SpecGrammar.Format, diagnostics, NewLines.Significant);
        return format is not null && SpecChecker.Check(format, text, diagnostics) ? format : null;
    }
}
