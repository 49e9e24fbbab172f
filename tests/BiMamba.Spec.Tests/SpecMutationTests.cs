using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Testing;
using BiMamba.Text;

namespace BiMamba.Spec.Tests;

/// <summary>Every spec with one token deleted, doubled, replaced or swapped; 1200 texts, the same in every run.</summary>
public sealed class SpecMutationTests
{
    private const int Seed = 20_240_611;
    private const int Count = 400;

    public static TheoryData<string> Formats => [.. FormatTable.All.Select(row => row.Name)];

    /// <summary>
    /// A mutated text is a spec, or it has diagnostics with a position. A syntax error stands in the line of the mutated
    /// token, at it or behind it; where the mutation leaves nothing behind the token in its line, it may stand at the next
    /// token or at the end of the text, wherever that is.
    /// </summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void A_mutated_token_is_reported_in_its_line(string format)
    {
        var refused = 0;
        foreach (var mutation in Mutations(format))
        {
            var diagnostics = new DiagnosticBag();
            var spec = SpecParser.Parse(new SourceText("mutated", mutation.Text), diagnostics);
            Assert.Equal(spec is null, diagnostics.HasErrors);
            var lines = mutation.Text.Split('\n');
            foreach (var item in diagnostics.Items)
            {
                var (line, column) = (item.Place.Line ?? 0, item.Place.Column ?? 0);
                Assert.True(line >= 1 && line <= lines.Length && column >= 1 && column <= lines[line - 1].Length + 1, $"{mutation}: {item}");
                if (item.Id != "BIM0001")
                    continue;
                Assert.True(line == mutation.Line ? column >= mutation.Column : (line, column) == (mutation.NextLine, mutation.NextColumn) || IsBehind(mutation, line), $"{mutation}: {item}");
                refused++;
            }
        }

        Assert.True(refused >= Count * 3 / 4, $"only {refused} of {Count} mutations are syntax errors");
    }

    /// <summary>
    /// Where what follows a mutation can still be read, as an operand that takes the place of another, the error comes
    /// later in the line; that is one case in ten at most. In the others it stands at the mutated token or directly behind it.
    /// </summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Most_errors_stand_at_the_mutated_token_or_directly_behind_it(string format)
    {
        var exact = 0;
        var all = 0;
        foreach (var mutation in Mutations(format))
        {
            var diagnostics = new DiagnosticBag();
            SpecParser.Parse(new SourceText("mutated", mutation.Text), diagnostics);
            if (diagnostics.Items is not [{ Id: "BIM0001", Place: var place }, ..])
                continue;
            all++;
            if ((place.Line, place.Column) == (mutation.Line, mutation.Column) || (place.Line, place.Column) == (mutation.NextLine, mutation.NextColumn))
                exact++;
        }

        Assert.True(exact * 10 >= all * 9, $"{exact} of {all}");
    }

    /// <summary>What a spec that is accepted may say of a file is an error of the file, never an exception.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void A_mutated_spec_that_is_accepted_reads_files(string format)
    {
        var read = 0;
        var bytes = FileOf(format);
        foreach (var mutation in TokenMutation.All(FormatTable.Find(format)!.SpecText, Seed + 1, 4 * Count, lineEnds: true))
        {
            if (SpecParser.Parse(new SourceText("mutated", mutation.Text), new DiagnosticBag()) is not { } spec)
                continue;
            foreach (var length in (int[])[bytes.Length, bytes.Length / 2, 0])
            {
                var error = Record.Exception(() => SpecReader.Read(spec, SpecSource.Of("x", bytes.AsMemory(0, length)), new DiagnosticBag()));
                Assert.True(error is null, $"{mutation}: {error}");
            }

            read++;
        }

        Assert.True(read >= 30, $"only {read} are accepted");
    }

    [Fact]
    public void The_mutations_of_a_seed_are_the_same_in_every_run()
    {
        var text = FormatTable.Gguf.SpecText;
        Assert.Equal(TokenMutation.All(text, 1, 50, lineEnds: true), TokenMutation.All(text, 1, 50, lineEnds: true));
        Assert.NotEqual(TokenMutation.All(text, 1, 50, lineEnds: true), TokenMutation.All(text, 2, 50, lineEnds: true));
        Assert.All(TokenMutation.All(text, 1, 50, lineEnds: true), mutation => Assert.NotEqual(text, mutation.Text));
    }

    /// <summary>The bytes of the small golden file of a format, from its hex lines: offset, up to 16 pairs, note.</summary>
    private static byte[] FileOf(string format) =>
    [
        .. File.ReadLines(Repository.Golden("format", "good", $"tiny.{format}.verified.hex"))
            .SelectMany(line => Convert.FromHexString(line.AsSpan(10, Math.Min(47, line.Length - 10)).ToString().Replace(" ", "", StringComparison.Ordinal))),
    ];

    private static IReadOnlyList<TokenMutation> Mutations(string format) => TokenMutation.All(FormatTable.Find(format)!.SpecText, Seed, Count, lineEnds: true);

    // A next token that is read leaves the error in its line, where the mutated line has nothing behind the mutation.
    private static bool IsBehind(TokenMutation mutation, int line) => mutation.NextLine != mutation.Line && line == mutation.NextLine;
}
