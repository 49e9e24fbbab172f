using BiMamba.FileTests.Cases;

namespace BiMamba.FileTests.Ir;

/// <summary>The form of golden IR files: what is malformed is named with its line, and a wrong expectation does not pass.</summary>
public sealed class GoldenFormTests
{
    private const string Module = """
        module @m level float
        resource @e : f32[2,2]
        block @embed (%ids : i32[T]) -> f32[T,2] {
          %x = embedding %ids, @e {group = 0} : f32[T,2]
          return %x
        }

        """;

    [Theory]
    [InlineData("", 1, "'; SENTENCE'")]
    [InlineData("; run: ids [0] ~= [[1, 2]] within 0\n", 1, "'; SENTENCE'")]
    [InlineData("; A run.\n", 1, "'; run:")]
    [InlineData("; A run.\n; runs: ids [0] ~= [[1, 2]] within 0\n", 2, "no directive 'runs'; hint: did you mean 'run'?")]
    [InlineData("; A run.\n; run: ids [0] = [[1, 2]] within 0\n", 2, "expected '~='")]
    [InlineData("; A run.\n; run: ids [0] ~= [[1, 2, 3]] within 0\n", 2, "a row of 2 numbers")]
    [InlineData("; A run.\n; run: ids [2] ~= [[1, 2]] within 0\n", 2, "each id below 2")]
    [InlineData("; A run.\n; run: ids [0] ~= [] within 0\n", 2, "found 1 ids")]
    [InlineData("; A run.\n; weights: twos\n", 2, "expected one of")]
    [InlineData("; A run.\n; weight: @f = ones\n", 2, "no resource @f")]
    [InlineData("; A run.\n; weight: @e = values [1, 2, 3]\n", 2, "makes no numbers of f32[2,2]")]
    public void A_malformed_file_names_its_line(string head, int line, string mention)
    {
        var weights = head.Contains("weight", StringComparison.Ordinal) ? "" : "; weights: ones\n";
        var text = head.Length == 0 ? Module : head + weights + Module;
        var error = Assert.Throws<CaseException>(() => RunGolden.Check(GoldenInput.Read("", text)));
        Assert.Equal((line, true), (error.Line, error.Message.Contains(mention, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("[[1, 2]]", "0", true)]
    [InlineData("[[1, 2.5]]", "0", false)]
    [InlineData("[[1, 2.5]]", "0.5", true)]
    [InlineData("[[nan, 2]]", "1e9", false)]
    public void A_run_passes_where_every_number_is_within_the_bound(string rows, string bound, bool passes)
    {
        var input = GoldenInput.Read("", $"; A run.\n; weight: @e = values [1, 2, 3, 4]\n; run: ids [0] ~= {rows} within {bound}\n{Module}");
        var error = Record.Exception(() => RunGolden.Check(input));
        Assert.Equal(passes, error is null);
    }

    [Theory]
    [InlineData("; pipeline:\n", "; expect:\nmodule @m level float\n")]
    [InlineData("; pipeline: pack{word=1}\n", "; error: BIM3004 1:11: word: expected one of 64, found 1\n")]
    public void A_pass_file_is_written_anew_with_what_came_out(string pipeline, string expectation)
    {
        var text = "; A pass.\n" + pipeline + Module;
        var rendered = PassGolden.Render(GoldenInput.Read("", text + "; expect:\nold\n"));
        Assert.StartsWith(text + expectation, rendered, StringComparison.Ordinal);
        Assert.Equal(rendered, PassGolden.Render(GoldenInput.Read("", rendered)));
    }

    [Fact]
    public void A_sound_text_is_no_broken_one() =>
        Assert.Equal("expected an error, found none", Assert.Throws<CaseException>(() => BrokenGolden.Render(GoldenInput.Read("", "; Sound.\n" + Module), out _)).Message);
}
