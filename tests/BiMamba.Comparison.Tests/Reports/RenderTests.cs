using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using BiMamba.Comparison.Reports;
using BiMamba.Comparison.Results;
using BiMamba.Testing;

namespace BiMamba.Comparison.Tests.Reports;

/// <summary>The forms of a report.</summary>
public sealed partial class RenderTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Terminal() => Golden.Match(Repository.Golden("compare", "sample.verified.txt"), TerminalTable.Render(SampleReport.Make(), SampleReport.Published()));

    [Fact]
    public void Markdown() => Golden.Match(Repository.Golden("compare", "sample.verified.md"), MarkdownTable.Render(SampleReport.Make(), SampleReport.Published()));

    [Fact]
    public void Html() => Golden.Match(Repository.Golden("compare", "sample.verified.html"), HtmlPage.Render(SampleReport.Make(), SampleReport.Published()));

    [Fact]
    public void Equal_reports_give_equal_texts()
    {
        Assert.Equal(TerminalTable.Render(SampleReport.Make(), SampleReport.Published()), TerminalTable.Render(SampleReport.Make(), SampleReport.Published()));
        Assert.Equal(MarkdownTable.Render(SampleReport.Make(), SampleReport.Published()), MarkdownTable.Render(SampleReport.Make(), SampleReport.Published()));
        Assert.Equal(HtmlPage.Render(SampleReport.Make(), SampleReport.Published()), HtmlPage.Render(SampleReport.Make(), SampleReport.Published()));
    }

    [Fact]
    public void The_page_is_well_formed_and_asks_for_nothing()
    {
        var html = HtmlPage.Render(SampleReport.Make(), SampleReport.Published());
        var page = Parse(html);
        Assert.Equal(2, page.Descendants(Svg + "svg").Count(svg => svg.Attribute("class")!.Value == "wide" && svg.Attribute("aria-label")!.Value.StartsWith("Bits per token", StringComparison.Ordinal)));
        Assert.All(page.Descendants(Svg + "svg").Where(svg => svg.Attribute("aria-hidden") is null), svg =>
        {
            Assert.Equal("img", svg.Attribute("role")!.Value);
            Assert.NotEmpty(svg.Attribute("aria-label")!.Value);
            Assert.Matches(@"^0 0 \d+ [\d.]+$", svg.Attribute("viewBox")!.Value);
        });
        Assert.All(page.Descendants().Where(element => element.Name.LocalName == "th"), header => Assert.Contains(header.Attribute("scope")!.Value, (string[])["row", "col"]));
        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName is "script" or "img" or "link" or "iframe" or "image" or "use");
        Assert.DoesNotMatch(@"url\(|@import|\bsrc=|\bon\w+=", html);
        Assert.All(page.Descendants().Attributes("href"), link => Assert.True(link.Value[0] == '#' || link.Value == "https://example.org/paper?a=1&b=2", link.Value));
    }

    [Fact]
    public void Anchors_lead_somewhere_and_stand_once()
    {
        var page = Parse(HtmlPage.Render(SampleReport.Make(), SampleReport.Published()));
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(page.Descendants().Attributes("href").Where(link => link.Value[0] == '#'), link => Assert.Contains(link.Value[1..], ids));
    }

    [Fact]
    public void Every_number_of_an_image_is_finite_and_every_colour_is_declared()
    {
        var html = HtmlPage.Render(SampleReport.Make());
        Assert.All(Parse(html).Descendants(Svg + "path").Attributes("d"), data => Assert.DoesNotMatch("NaN|Infinity|∞|,", data.Value));
        var declared = Declaration().Matches(html).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(Use().Matches(html).Select(match => match.Groups["name"].Value).Except(declared));
    }

    [Fact]
    public void Names_are_shown_and_never_read_as_markup()
    {
        var html = HtmlPage.Render(SampleReport.Make(), SampleReport.Published());
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains(Parse(html).Descendants(), element => element.Name.LocalName == "th" && element.Value.StartsWith(SampleReport.Hostile, StringComparison.Ordinal));
        var markdown = MarkdownTable.Render(SampleReport.Make(), SampleReport.Published());
        Assert.Contains(@"| \<script\>alert(""1"")\</script\> \& a\|b\_\*c\* |", markdown, StringComparison.Ordinal);
        Assert.Contains(SampleReport.Hostile, TerminalTable.Render(SampleReport.Make()), StringComparison.Ordinal);
    }

    [Fact]
    public void Control_characters_reach_no_terminal_and_no_page()
    {
        var report = SampleReport.Make();
        report = report with { Title = "a\u001b[31m\nb\u202e\ud800", Rows = [report.Rows[0] with { Name = "x\r\ny\0" }, .. report.Rows.Skip(1)] };
        foreach (var text in (string[])[TerminalTable.Render(report), MarkdownTable.Render(report), HtmlPage.Render(report)])
        {
            Assert.DoesNotContain(text, character => character != '\n' && char.IsControl(character));
            Assert.DoesNotContain('\u202e', text);
            Assert.DoesNotContain('\ud800', text);
        }

        Parse(HtmlPage.Render(report));
    }

    [Fact]
    public void Rows_of_a_markdown_table_have_as_many_cells_as_its_header()
    {
        var tables = MarkdownTable.Render(SampleReport.Make(), SampleReport.Published()).Split("\n\n").Where(block => block.StartsWith("| ", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, tables.Count);
        Assert.All(tables, table => Assert.Single(table.TrimEnd('\n').Split('\n').Select(line => Bar().Count(line)).Distinct()));
    }

    [Fact]
    public void A_perplexity_with_another_tokenizer_is_marked_and_bits_a_byte_are_not()
    {
        var table = CorpusTable.All(SampleReport.Make())[0];
        var marked = table.Rows.Where(row => row.Cells[3].Mark is not null).ToList();
        Assert.Equal("bimamba-370m", Assert.Single(marked).Row.Name);
        Assert.Equal(TableColumns.OtherTokenizer, table.Footnotes[marked[0].Cells[3].Mark!.Value - 1]);
        Assert.Null(marked[0].Cells[4].Mark);
        Assert.Equal("its tokenizer is not the reference's", table.Footnotes[marked[0].Cells[6].Mark!.Value - 1]);
    }

    [Fact]
    public void An_empty_report_is_a_page_too()
    {
        var report = new ComparisonReport(ComparisonReport.Schema, "bimambac 1", "nothing", "none", [], [new ComparisonCorpus("c", "c.txt", "0", "gptq", 8)], []);
        Parse(HtmlPage.Render(report));
        Assert.EndsWith("\n", TerminalTable.Render(report), StringComparison.Ordinal);
        Assert.EndsWith("|\n", MarkdownTable.Render(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_of_one_point_can_be_drawn()
    {
        var report = SampleReport.Make();
        var row = report.Rows[2];
        var result = row.Results[0];
        var one = report with { Rows = [row with { Results = [result with { Positions = [result.Positions[0]], Versus = result.Versus! with { Blocks = [new BlockDifference("only", 0.25)] } }] }], Corpora = [report.Corpora[0]] };
        Assert.All(Parse(HtmlPage.Render(one)).Descendants(Svg + "path").Attributes("d"), data => Assert.DoesNotMatch("NaN|Infinity|∞", data.Value));
    }

    private static XDocument Parse(string html)
    {
        using var reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader);
    }

    [GeneratedRegex(@"(?<!\\)\|", RegexOptions.None, 10000)]
    private static partial Regex Bar();

    [GeneratedRegex("--(?<name>[a-z0-9-]+):", RegexOptions.ExplicitCapture, 10000)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"var\(--(?<name>[a-z0-9-]+)\)", RegexOptions.ExplicitCapture, 10000)]
    private static partial Regex Use();
}
