using BiMamba.Diagnostics;
using BiMamba.FileTests.Cases;
using BiMamba.Text;
using Sprache;

namespace BiMamba.FileTests.Ir;

/// <summary>
/// A golden file of a run: <c>; run: ids [1, 2] ~= [[0.5, 1.0], [2.0, 0.25]] within 1e-6</c> says what the last block
/// returns. The numbers come from the formula that the file's sentence gives, so that blessing never rewrites them.
/// </summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Rows">What is expected, a row an id.</param>
/// <param name="Bound">The largest difference.</param>
internal sealed record RunGolden(IReadOnlyList<long> Ids, IReadOnlyList<IReadOnlyList<double>> Rows, double Bound)
{
    private static readonly Parser<double> Number = Lexer.Float.Or(Lexer.Integer.Select(value => (double)value));

    private static readonly Parser<RunGolden> Grammar =
        from word in Lexer.Keyword("ids")
        from ids in Listed(Lexer.Integer)
        from near in Lexer.Symbol("~=")
        from rows in Listed(Listed(Number))
        from within in Lexer.Keyword("within")
        from bound in Number
        select new RunGolden(ids, rows, bound);

    /// <summary>Runs the module and compares the numbers.</summary>
    /// <exception cref="CaseException">The file is malformed.</exception>
    public static void Check(GoldenInput input)
    {
        input.CheckHead("run", GoldenWeights.All, GoldenWeights.One);
        var module = GoldenModule.Read(input);
        var runs = input.Directives.Where(directive => directive.Key == "run").ToList();
        if (runs.Count == 0)
            throw new CaseException(1, "expected a line '; run: ids [...] ~= [[...]] within NUMBER', found none");
        foreach (var directive in runs)
        {
            var bag = new DiagnosticBag();
            if (!SyntaxParser.TryParse(new SourceText("run", directive.Value), Grammar, bag, out var run))
                throw input.Error(directive.Position, bag.Items[0].Message.Split('\n')[0]);
            if (run.Ids.Count != run.Rows.Count || run.Rows.Any(row => row.Count != module.VocabularyRows) || run.Ids.Any(id => id < 0 || id >= module.VocabularyRows))
                throw input.Error(directive.Position, $"expected a row of {module.VocabularyRows} numbers for each id below {module.VocabularyRows}, found {run.Ids.Count} ids and rows of {string.Join(", ", run.Rows.Select(row => row.Count))}");
            var actual = GoldenModule.Run(module, [.. run.Ids.Select(id => (int)id)]);
            var expected = run.Rows.SelectMany(row => row).ToArray();
            for (var i = 0; i < expected.Length; i++)
            {
                // A NaN fails too.
                if (!(Math.Abs(expected[i] - actual[i]) <= run.Bound))
                    Assert.Fail($"token {i / module.VocabularyRows}, column {i % module.VocabularyRows}: expected {expected[i]:R} within {run.Bound}, found {actual[i]:R}");
            }
        }
    }

    private static Parser<IReadOnlyList<T>> Listed<T>(Parser<T> item) =>
        from open in Lexer.Symbol("[")
        from items in Lexer.Separated(item)
        from close in Lexer.Symbol("]")
        select items;
}
