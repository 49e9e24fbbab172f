using System.Collections.Immutable;

namespace BiMamba.Formats.Spec;

/// <summary>The binary operators, loosest first; operators of one row associate to the left.</summary>
public static class SpecOperators
{
    /// <summary>Rows of equal precedence.</summary>
    public static ImmutableArray<ImmutableArray<string>> Rows { get; } =
    [
        ["||"],
        ["&&"],
        ["==", "!=", "<=", ">=", "<", ">"],
        ["+", "-"],
        ["*", "/", "%"],
    ];

    /// <summary>The row of an operator.</summary>
    public static int Precedence(string symbol)
    {
        for (var row = 0; row < Rows.Length; row++)
        {
            if (Rows[row].Contains(symbol))
                return row;
        }

        throw new ArgumentException($"'{symbol}' is no operator", nameof(symbol));
    }
}
