using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using Sprache;

namespace BiMamba.Text;

/// <summary>Runs a grammar over a whole text and reports the furthest failure.</summary>
public static class SyntaxParser
{
    /// <summary>
    /// Parses a whole text: leading blanks, the grammar, the end. False with one
    /// <see cref="TextDiagnostics.Syntax"/> (line, column, the line with a caret, expected, found) if it does not match.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="grammar">A grammar over the tokens of <see cref="Lexer"/>.</param>
    /// <param name="diagnostics">Receives the error.</param>
    /// <param name="value">The parsed value.</param>
    /// <param name="newLines">What a line end means.</param>
    /// <param name="descriptor">Another row than <see cref="TextDiagnostics.Syntax"/>, for texts whose errors have their own exit code.</param>
    public static bool TryParse<T>(SourceText text, Parser<T> grammar, DiagnosticBag diagnostics, out T value, NewLines newLines = NewLines.Blank, DiagnosticDescriptor? descriptor = null)
    {
        var state = new ParseState(text, newLines);
        var result = grammar(Lexer.SkipLeading(new TextInput(state, 0)));
        if (result.WasSuccessful)
        {
            if (result.Remainder.AtEnd)
            {
                value = result.Value;
                return true;
            }

            state.Fail(result.Remainder.Position, Lexer.EndOfText);
        }
        else
        {
            foreach (var expectation in result.Expectations)
                state.Fail(result.Remainder.Position, expectation);
        }

        var position = state.FurthestPosition;
        text.Report(diagnostics, descriptor ?? TextDiagnostics.Syntax, position, $"expected {Alternatives(state.Expected)}, found {Lexer.Describe(text, position)}", OpenBracket(text, state));
        value = default!;
        return false;
    }

    /// <summary>Where a bracket of another line is open, it can be the one that is wrong.</summary>
    private static string? OpenBracket(SourceText text, ParseState state)
    {
        if (state.OpenAtFurthest is not { } open || text.LineColumn(open).Line == text.LineColumn(state.FurthestPosition).Line)
            return null;
        var (line, column) = text.LineColumn(open);
        return string.Create(CultureInfo.InvariantCulture, $"'{text.Content[open]}' in line {line}, column {column} is open here");
    }

    /// <summary>As <see cref="TryParse"/>, for grammars whose value is an object: null where it does not match.</summary>
    public static T? Parse<T>(SourceText text, Parser<T> grammar, DiagnosticBag diagnostics, NewLines newLines = NewLines.Blank, DiagnosticDescriptor? descriptor = null)
        where T : class =>
        TryParse(text, grammar, diagnostics, out var value, newLines, descriptor) ? value : null;

    private static string Alternatives(IReadOnlyList<string> expected) => expected.Count switch
    {
        0 => "something else",
        1 => expected[0],
        _ => string.Join(", ", expected.Take(expected.Count - 1)) + " or " + expected[^1],
    };
}
