using System.Globalization;
using System.Text.RegularExpressions;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR.Reading;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>IR text with one token changed: 4000 texts of broken grammar and 4000 of broken meaning, the same in every run.</summary>
public sealed class IrMutationTests
{
    private const int Seed = 20_240_611;
    private const int Count = 1000;
    private const int Seconds = 120;

    /// <summary>Modules of every level, with every op and encoding that the front end and the passes make.</summary>
    public static TheoryData<string> Files => ["bimamba2-fbi", "bimamba2-quant", "bimamba2-packed", "mamba1-float"];

    /// <summary>
    /// A mutated text is a module, or it has diagnostics with a position inside the text. A syntax error stands in the
    /// line of the mutated token, at it or behind it. Only where nothing is left behind the mutation in its line, it can
    /// stand in the line of the next token: the parser needs more than the line has.
    /// </summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void A_mutated_token_is_reported_in_its_line(string file) => Bounded.Run(Seconds, file, () =>
    {
        int refused = 0, here = 0;
        foreach (var mutation in TokenMutation.All(Text(file), Seed, Count, lineEnds: true))
        {
            var bag = Parse(mutation.Text, mutation.ToString());
            if (bag.Items is not [{ Place: { Line: { } line, Column: { } column } } first] || first.Descriptor != TextDiagnostics.Syntax)
                continue;
            refused++;
            here += line == mutation.Line ? 1 : 0;
            Assert.True(line == mutation.Line ? column >= mutation.Column : mutation.NextLine != mutation.Line && line == mutation.NextLine, $"{mutation}: {first}");
        }

        Assert.True(refused >= Count * 9 / 10 && here >= refused * 98 / 100, $"{refused} syntax errors, {here} in the line of the mutation");
        return refused;
    });

    /// <summary>
    /// Where the grammar is kept, a diagnostic stands in the mutated line, or names the line, what the line defines, or
    /// the word itself. Most often it is the first one, and it stands in the line.
    /// </summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void A_mutated_name_is_reported_in_its_line_or_by_name(string file) => Bounded.Run(Seconds, file, () =>
    {
        int refused = 0, inLine = 0, first = 0;
        foreach (var mutation in NameMutation.All(Text(file), Seed, Count))
        {
            var bag = Parse(mutation.Text, mutation.ToString());
            if (!bag.HasErrors)
                continue;
            refused++;
            first += bag.Items[0].Place.Line == mutation.Line ? 1 : 0;
            inLine += bag.Items.Any(item => item.Place.Line == mutation.Line) ? 1 : 0;
            Assert.True(bag.Items.Any(item => Names(item, mutation)), $"{mutation}\n{string.Join('\n', bag.Items)}");
        }

        Assert.True(
            refused >= Count * 85 / 100 && first * 100 >= refused * 78 && inLine * 100 >= refused * 82,
            $"{refused} refused, {first} of them at first in the mutated line, {inLine} at all");
        return refused;
    });

    private static bool Names(Diagnostic item, NameMutation mutation)
    {
        if (item.Place.Line == mutation.Line)
            return true;
        var message = item.Message.Split("\n    ")[0];
        var defined = Regex.Match(mutation.MutatedLine, @"^\s*(resource|block)?\s*(?<names>[%@]\S+(, %\S+)*) ?[:=(]", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["names"].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries);
        return defined.Append(mutation.Old).Append(mutation.New).Append(string.Create(CultureInfo.InvariantCulture, $"line {mutation.Line}"))
            .Any(name => Regex.IsMatch(message, @"(?<![\w.-])" + Regex.Escape(name) + @"(?![\w.-]*\w)", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    /// <summary>Parses a text and checks what holds for every text.</summary>
    private static DiagnosticBag Parse(string text, string what)
    {
        var bag = new DiagnosticBag();
        var parsed = IrParser.Parse(new SourceText("mutated", text), bag);
        Assert.True(parsed is null == bag.HasErrors, what);
        var lines = text.Split('\n');
        foreach (var item in bag.Items)
        {
            var (line, column) = (item.Place.Line ?? 0, item.Place.Column ?? 0);
            Assert.True(line >= 1 && line <= lines.Length && column >= 1 && column <= lines[line - 1].Length + 1, $"{what}: {item}");
        }

        if (parsed is not null)
        {
            var again = IrParser.Parse(new SourceText("printed", IrPrinter.Print(parsed.Module)), new DiagnosticBag());
            Assert.True(again is not null && IrPrinter.Print(again.Module) == IrPrinter.Print(parsed.Module), what);
        }

        return bag;
    }

    private static string Text(string file) => File.ReadAllText(Repository.Golden("ir", "print", file + ".verified.bmir")).ReplaceLineEndings("\n");
}
