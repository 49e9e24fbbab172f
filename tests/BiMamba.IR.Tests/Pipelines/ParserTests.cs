using BiMamba.Diagnostics;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Text;
using FsCheck;
using FsCheck.Fluent;

namespace BiMamba.IR.Tests;

/// <summary>Pipeline text: what it means, how it prints, how it is refused.</summary>
public sealed class ParserTests
{
    private static readonly Pass[] Passes = [.. PassTable.All, new AllKindsPass()];

    [Theory]
    [InlineData("", "")]
    [InlineData("  ; nothing\n", "")]
    [InlineData("pack", "pack{word=64}")]
    [InlineData("pack{}", "pack{word=64}")]
    [InlineData("fold-fbi|pack", "fold-fbi{fidelity=latent} | pack{word=64}")]
    [InlineData(" fold-fbi { fidelity = official-fp16 } \n | pack ; the end", "fold-fbi{fidelity=official-fp16} | pack{word=64}")]
    [InlineData("quantize-embedding", "quantize-embedding{bits=8, group=64, head=true}")]
    [InlineData("quantize-embedding{head=false,bits=4}", "quantize-embedding{bits=4, group=64, head=false}")]
    [InlineData("quantize-embedding{group=0x20}", "quantize-embedding{bits=8, group=32, head=true}")]
    [InlineData("all-kinds", "all-kinds{count=3, rate=0.5, flag=false, mode=plain, text=\"\", list=[], pairs=[], sizes=[1]}")]
    [InlineData("all-kinds{rate=2}", "all-kinds{count=3, rate=2, flag=false, mode=plain, text=\"\", list=[], pairs=[], sizes=[1]}")]
    [InlineData("all-kinds{rate=-inf}", "all-kinds{count=3, rate=-inf, flag=false, mode=plain, text=\"\", list=[], pairs=[], sizes=[1]}")]
    [InlineData("all-kinds{list=[1, two, \"3\", [4.5, true, nan]]}", "all-kinds{count=3, rate=0.5, flag=false, mode=plain, text=\"\", list=[1, two, \"3\", [4.5, true, nan]], pairs=[], sizes=[1]}")]
    public void Text_prints_with_all_defaults_and_prints_the_same_again(string text, string canonical)
    {
        Assert.Equal(canonical, Parse(text).ToString());
        Assert.Equal(canonical, Parse(canonical).ToString());
    }

    [Fact]
    public void Any_pipeline_comes_back_from_its_text()
    {
        var values = Gen.Elements("1.5", "1e-7", "-0.0", "inf", "-inf", "7");
        var stages =
            from kind in Gen.Choose(0, 3)
            from count in Gen.Choose(-10, 1 << 20)
            from rate in values
            from flag in Gen.Elements("true", "false")
            from word in Gen.Elements("a", "b-c", "_d9")
            from text in ArbMap.Default.GeneratorFor<string>()
            from list in Gen.ArrayOf(values)
            select kind switch
            {
                0 => "pack",
                1 => "fold-fbi{fidelity=official-fp16}",
                2 => $"quantize-embedding{{group={Math.Max(2, count)}, head={flag}}}",
                _ => $"all-kinds{{flag={flag}, count={count}, text={TextEscapes.Quote(text ?? "")}, rate={rate}, mode={word}, list=[{string.Join(',', list)}]}}",
            };
        Prop.ForAll(Gen.ArrayOf(stages).Select(list => string.Join("|", list)).ToArbitrary(), text =>
        {
            var parsed = Parse(text);
            var again = Parse(parsed.ToString());
            Assert.Equal(parsed.ToString(), again.ToString());
            Assert.Equal(text.Length == 0 ? 0 : parsed.Stages.Length, again.Stages.Length);
            foreach (var (left, right) in parsed.Stages.Zip(again.Stages))
            {
                Assert.Same(left.Pass, right.Pass);
                Assert.Equal(left.Options.Values, right.Options.Values);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Options_are_read_by_kind()
    {
        var options = Parse("all-kinds{count=-4, rate=3, flag=true, mode=x}").Stages[0].Options;
        Assert.Equal(-4, options.Int("count"));
        Assert.Equal(3.0, options.Float("rate"));
        Assert.True(options.Bool("flag"));
        Assert.Equal("x", options.Word("mode"));
        var lists = Parse("all-kinds{text=\"t\", list=[1, \"b\"], pairs=[[\"a\", \"b\"], [\"c\", \"\"]]}").Stages[0].Options;
        Assert.Equal("t", lists.Text("text"));
        Assert.Equal([new OptionValue.Int(1), new OptionValue.Text("b")], lists.List("list"));
        Assert.Equal([["a", "b"], ["c", ""]], lists.TextLists("pairs").Select(pair => pair.ToArray()));
        Assert.Equal(["x", "y"], Parse("all-kinds{list=[\"x\", \"y\"]}").Stages[0].Options.Texts("list"));
        Assert.Equal(0.5, Parse("all-kinds").Stages[0].Options.Float("rate"));
    }

    [Fact]
    public void Kinds_of_lists_name_their_elements() => Assert.Equal(
        ["int", "float", "bool", "word", "text", "list", "list of lists of 2 texts", "list of ints"],
        new AllKindsPass().Info.Options.Select(option => option.KindText));

    [Theory]
    [InlineData("BIM3001", 1, 7, "pack |", "expected a name or a name with '@', found the end of the text")]
    [InlineData("BIM3001", 1, 6, "pack pack", "expected ")]
    [InlineData("BIM3001", 2, 3, "pack\n| {", "expected a name or a name with '@', found '{'")]
    [InlineData("BIM3001", 1, 11, "pack{word=}", "found '}'")]
    [InlineData("BIM3001", 1, 13, "pack{word=64", "found the end of the text")]
    [InlineData("BIM3001", 1, 11, "pack{word 64}", "expected '=', found '64'")]
    [InlineData("BIM3001", 1, 24, "all-kinds{text=\"open}  ", "found the end of the text")]
    [InlineData("BIM3001", 1, 17, "all-kinds{count=99999999999999999999}", "an integer of 64 bits")]
    [InlineData("BIM3002", 1, 1, "fold", "there is no pass 'fold'; hint: known are rename, canonicalize, fuse, fold-fbi, rtn, xnor, onebit, ternary, gptq, billm, tie-weights, untie, dequantize, cast, quantize-embedding, pack, all-kinds")]
    [InlineData("BIM3002", 1, 1, "fold-fib", "there is no pass 'fold-fib'; hint: did you mean 'fold-fbi'?")]
    [InlineData("BIM3002", 3, 4, "fold-fbi\n|\n   pak", "there is no pass 'pak'; hint: did you mean 'pack'?")]
    [InlineData("BIM3003", 1, 10, "fold-fbi{fidelty=latent}", "the pass 'fold-fbi' has no option 'fidelty'; hint: did you mean 'fidelity'?")]
    [InlineData("BIM3003", 1, 6, "pack{bits=4}", "the pass 'pack' has no option 'bits'")]
    [InlineData("BIM3004", 1, 19, "fold-fbi{fidelity=exact}", "fidelity: expected one of latent, official-fp16, found exact")]
    [InlineData("BIM3004", 1, 19, "fold-fbi{fidelity=1}", "fidelity: expected a value of kind word, found 1")]
    [InlineData("BIM3004", 1, 11, "pack{word=32}", "word: expected one of 64, found 32")]
    [InlineData("BIM3004", 1, 25, "quantize-embedding{bits=5}", "bits: expected one of 4, 8, 16, found 5")]
    [InlineData("BIM3004", 1, 26, "quantize-embedding{group=1}", "group: expected a number from 2 to 1048576, found 1")]
    [InlineData("BIM3004", 1, 26, "quantize-embedding{group=8.0}", "group: expected a value of kind int, found 8.0")]
    [InlineData("BIM3004", 1, 25, "quantize-embedding{head=\"true\"}", "head: expected a value of kind bool, found \"true\"")]
    [InlineData("BIM3004", 1, 17, "all-kinds{count=-11}", "count: expected a number from -10 to 1048576, found -11")]
    [InlineData("BIM3004", 1, 16, "all-kinds{rate=nan}", "rate: expected a number from -Infinity to Infinity, found nan")]
    [InlineData("BIM3004", 1, 16, "all-kinds{list=1}", "list: expected a value of kind list, found 1")]
    [InlineData("BIM3004", 1, 17, "all-kinds{pairs=[\"a\"]}", "pairs: element 1: expected a value of kind list of 2 texts, found \"a\"")]
    [InlineData("BIM3004", 1, 17, "all-kinds{pairs=[[\"a\", \"b\"], [\"c\"]]}", "pairs: element 2: expected 2 elements, found [\"c\"]")]
    [InlineData("BIM3004", 1, 17, "all-kinds{pairs=[[\"a\", 7]]}", "pairs: element 1: element 2: expected a value of kind text, found 7")]
    [InlineData("BIM3004", 1, 17, "all-kinds{sizes=[2, 10]}", "sizes: element 2: expected a number from 1 to 9, found 10")]
    [InlineData("BIM3005", 1, 15, "pack{word=64, word=64}", "the option 'word' is set twice")]
    public void Mistakes_are_shown_where_they_are(string id, int line, int column, string text, string message)
    {
        var bag = new DiagnosticBag();
        Assert.Null(PipelineParser.Parse(new SourceText("pipeline", text), Passes, bag));
        var item = Assert.Single(bag.Items);
        Assert.Equal(id, item.Id);
        Assert.Contains(message, item.Message, StringComparison.Ordinal);
        Assert.Equal(new Place("pipeline", Line: line, Column: column), item.Place);
        Assert.Equal(ExitCode.Usage, bag.ExitCode);
    }

    [Fact]
    public void All_mistakes_are_told()
    {
        var bag = new DiagnosticBag();
        Assert.Null(PipelineParser.Parse(new SourceText("pipeline", "fold-fbi{a=1, fidelity=2} | pak | pack{word=1, word=64, word=64}"), Passes, bag));
        Assert.Equal(["BIM3003", "BIM3004", "BIM3002", "BIM3004", "BIM3005"], bag.Items.Select(item => item.Id));
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var bag = new DiagnosticBag();
        Assert.Null(PipelineParser.Parse(new SourceText("pipeline", "all-kinds{list=" + new string('[', 100_000)), Passes, bag));
        Assert.Equal("BIM3001", Assert.Single(bag.Items).Id);
    }

    [Fact]
    public void A_named_pipeline_stands_for_its_stages()
    {
        var bag = new DiagnosticBag();
        Assert.Equal("fold-fbi{fidelity=latent} | pack{word=64}", PassTable.Parse(new SourceText("pipeline", "@fbi"), bag)!.ToString());
        Assert.Equal("pack{word=64} | pack{word=64}", PassTable.Parse(new SourceText("pipeline", "@store | pack"), bag)!.ToString());
        Assert.Empty(bag.Items);
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void Every_named_pipeline_parses_and_has_a_summary(string name)
    {
        var bag = new DiagnosticBag();
        Assert.NotNull(PassTable.Parse(new SourceText("pipeline", "@" + name), bag));
        Assert.Matches(@"^[A-Z].*\.$", PassTable.Pipelines.Single(row => row.Name == name).Summary);
    }

    public static TheoryData<string> Named => [.. PassTable.Pipelines.Select(row => row.Name)];

    [Theory]
    [InlineData("BIM3002", "@fbbi", "there is no pipeline '@fbbi'; hint: did you mean 'fbi'?")]
    [InlineData("BIM3001", "@fbi{word=64}", "found '{'")]
    [InlineData("BIM3006", "@loop", "names itself: @loop, @back")]
    public void A_bad_name_of_a_pipeline_is_reported(string id, string text, string message)
    {
        var bag = new DiagnosticBag();
        NamedPipeline[] named = [.. PassTable.Pipelines, new("loop", "", new SourceText("loop.pipeline", "@back")), new("back", "", new SourceText("back.pipeline", "pack | @loop"))];
        Assert.Null(PipelineParser.Parse(new SourceText("pipeline", text), PassTable.All, bag, named));
        Assert.Equal(id, bag.Items.Single().Id);
        Assert.Contains(message, bag.Items.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hint_of_no_names() => Assert.Equal("there are none", NearestName.Hint("x", []));

    private static PassPipeline Parse(string text)
    {
        var bag = new DiagnosticBag();
        var parsed = PipelineParser.Parse(new SourceText("pipeline", text), Passes, bag);
        Assert.True(parsed is not null, $"{text}\n{string.Join('\n', bag.Items)}");
        return parsed;
    }
}
