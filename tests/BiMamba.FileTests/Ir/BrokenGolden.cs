using System.Text;
using BiMamba.Diagnostics;
using BiMamba.FileTests.Cases;
using BiMamba.IR.Reading;
using BiMamba.Text;

namespace BiMamba.FileTests.Ir;

/// <summary>
/// A golden file of broken IR text: every error stands at the end of its line as a comment
/// <c>; error: BIMnnnn at column 7: message</c>.
/// </summary>
internal static class BrokenGolden
{
    private const string Mark = "; error: ";

    /// <summary>The whole file with the errors of this run.</summary>
    /// <param name="input">The file.</param>
    /// <param name="ids">The ids of the errors.</param>
    /// <exception cref="CaseException">The text is sound, or an error has no line.</exception>
    public static string Render(GoldenInput input, out IReadOnlyList<string> ids)
    {
        var lines = (input.Source.Content + input.Expectation).Split('\n').Select(Bare).ToArray();
        var text = new SourceText(input.Source.Name, string.Join('\n', lines));
        var bare = GoldenInput.Read("", text.Content);
        bare.CheckHead(GoldenWeights.All, GoldenWeights.One);
        var bag = new DiagnosticBag();
        if (IrParser.Parse(text, bag) is { } parsed)
            GoldenWeights.Bind(bare, parsed, bag);
        if (!bag.HasErrors)
            throw new CaseException(1, "expected an error, found none");
        var marked = lines.Select(line => new StringBuilder(line)).ToArray();
        foreach (var item in bag.Items)
        {
            var line = marked[(item.Place.Line ?? throw new CaseException(1, $"expected a line of {item}")) - 1];
            line.Append(line.Length == 0 ? "" : "  ").Append(Mark).Append(GoldenDiagnostics.InLine(item));
        }

        ids = [.. bag.Items.Select(item => item.Id)];
        return string.Join('\n', marked.AsEnumerable());
    }

    /// <summary>A line without the errors that stand at its end.</summary>
    private static string Bare(string line) => line.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at ? line[..at].TrimEnd(' ') : line;
}
