using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>Pipeline text with one token changed: 2000 texts of broken grammar and 2000 of broken meaning, the same in every run.</summary>
public sealed class PipelineMutationTests
{
    private const int Seed = 20_240_611;
    private const int Count = 2000;
    private const int Seconds = 120;

    private const string Text = """
        ; Every kind of stage and of value.
        fold-fbi{fidelity=latent}
          | quantize-embedding{bits=4, group=32,
              head=false}
          | all-kinds{count=4, rate=-1.5e-3, flag=true, mode=some-word,
              text="a \"quoted\" | text", list=[1, [two, 3.5], "x", true],
              pairs=[["a", "b"], ["c", "d"]], sizes=[1, 9]}
          | @fbi
          | pack

        """;

    private static readonly Pass[] Passes = [.. PassTable.All, new AllKindsPass()];

    /// <summary>
    /// A mutated text is a pipeline, or it has diagnostics with a position. A syntax error stands in the line of the
    /// mutated token, at it or behind it. Where nothing is left behind the mutation in its line, it can stand in the line
    /// of the next token, as a line end is a blank; where a bracket is missing or one too many, it can stand where the
    /// list goes on, and the hint then names the line of the open bracket.
    /// </summary>
    [Fact]
    public void A_mutated_token_is_reported_in_its_line() => Bounded.Run(Seconds, "pipelines", () =>
    {
        int refused = 0, here = 0;
        foreach (var mutation in TokenMutation.All(Text.ReplaceLineEndings("\n"), Seed, Count))
        {
            var bag = Parse(mutation.Text, mutation.ToString());
            if (bag.Items is not [{ Place: { Line: { } line, Column: { } column } } first] || first.Descriptor != PipelineDiagnostics.Syntax)
                continue;
            refused++;
            here += line == mutation.Line ? 1 : 0;
            var isNext = mutation.NextLine != mutation.Line && line == mutation.NextLine;
            var namesBracket = first.Message.Contains(string.Create(CultureInfo.InvariantCulture, $" in line {mutation.Line}, column "), StringComparison.Ordinal);
            Assert.True(line == mutation.Line ? column >= mutation.Column : isNext || namesBracket, $"{mutation}: {first}");
        }

        Assert.True(refused >= Count * 3 / 4 && here >= refused * 9 / 10, $"{refused} syntax errors, {here} in the line of the mutation");
        return refused;
    });

    /// <summary>Where the grammar is kept, every diagnostic stands in the mutated line or names the word.</summary>
    [Fact]
    public void A_mutated_name_is_reported_in_its_line() => Bounded.Run(Seconds, "pipelines", () =>
    {
        var refused = 0;
        foreach (var mutation in NameMutation.All(Text.ReplaceLineEndings("\n"), Seed, Count))
        {
            var bag = Parse(mutation.Text, mutation.ToString());
            refused += bag.HasErrors ? 1 : 0;
            Assert.All(bag.Items, item => Assert.True(
                item.Place.Line == mutation.Line || item.Message.Contains($"'{mutation.New}'", StringComparison.Ordinal), $"{mutation}\n{item}"));
        }

        Assert.True(refused >= Count / 2, $"{refused} of {Count} refused");
        return refused;
    });

    /// <summary>Parses a text and checks what holds for every text.</summary>
    private static DiagnosticBag Parse(string text, string what)
    {
        var bag = new DiagnosticBag();
        var parsed = PipelineParser.Parse(new SourceText("pipeline", text), Passes, bag, PassTable.Pipelines);
        Assert.True(parsed is null == bag.HasErrors, what);
        var lines = text.Split('\n');
        foreach (var item in bag.Items)
        {
            var (line, column) = (item.Place.Line ?? 0, item.Place.Column ?? 0);
            Assert.True(line >= 1 && line <= lines.Length && column >= 1 && column <= lines[line - 1].Length + 1, $"{what}: {item}");
        }

        if (parsed is not null)
            Assert.Equal(parsed.ToString(), PipelineParser.Parse(new SourceText("printed", parsed.ToString()), Passes, new DiagnosticBag())?.ToString());
        return bag;
    }
}
