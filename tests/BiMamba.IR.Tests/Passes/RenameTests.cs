using BiMamba.Diagnostics;
using BiMamba.Passes.Shared;

namespace BiMamba.IR.Tests;

/// <summary>rename and its patterns.</summary>
public sealed class RenameTests
{
    [Theory]
    [InlineData("*", "a.b", "a.b")]
    [InlineData("a.b", "a.b", "")]
    [InlineData("layers.*.weight", "layers.0.in_proj.weight", "0.in_proj")]
    [InlineData("layers.*.in_proj.*", "layers.12.in_proj.bias", "12|bias")]
    [InlineData("*.*", "a.b.c", "a|b.c")]
    [InlineData("*a", "aaa", "aa")]
    [InlineData("a*a", "aa", "")]
    [InlineData("*x*", "axbx", "a|bx")]
    [InlineData("**", "ab", "|ab")]
    [InlineData("*.w", "a.w.w", "a.w")]
    [InlineData("a", "A", null)]
    [InlineData("a*a", "a", null)]
    [InlineData("*.w", "w", null)]
    [InlineData("a.b", "axb", null)]
    [InlineData("", "a", null)]
    public void A_pattern_takes_as_little_as_it_can(string pattern, string name, string? captures)
    {
        var match = new NamePattern(pattern).Match(name);
        Assert.Equal(captures, match is null ? null : string.Join('|', match));
    }

    [Fact]
    public void A_pattern_of_many_wildcards_ends_soon()
    {
        var pattern = new NamePattern(string.Concat(Enumerable.Repeat("*a", 200)) + "b");
        Assert.False(pattern.Matches(new string('a', 20_000)));
    }

    [Fact]
    public void The_first_match_counts()
    {
        var bag = new DiagnosticBag();
        var module = new Mamba2Sample().Build();
        var renamed = Running.Apply(module, "rename{map=[[\"layers.0.in_proj.*\", \"first.*\"], [\"layers.*.*\", \"blocks.*.x.*\"], [\"embedding.weight\", \"wte\"]]}", bag);
        Assert.Equal("16 of 17 resources renamed", Assert.Single(bag.Items).Message);
        Assert.Equal(["blocks.0.x.a_log", "blocks.0.x.conv.bias"], renamed.Resources.Keys.Take(2));
        Assert.Contains("first.weight", renamed.Resources.Keys);
        Assert.Equal("wte", renamed.Blocks[2].Body[^1].Get("weight"));
        Assert.Equal(module.Resources["embedding.weight"].ShortHash, renamed.Resources["wte"].ShortHash);
        Assert.All(module.Resources.Values, resource => Assert.Contains(renamed.Resources.Values, other => ReferenceEquals(other.Data, resource.Data)));
    }

    [Fact]
    public void Names_can_change_places()
    {
        var module = new Mamba2Sample().Build();
        var renamed = Running.Apply(module, "rename{map=[[\"norm.weight\", \"embedding.weight\"], [\"embedding.weight\", \"norm.weight\"]]}");
        Assert.Equal("norm.weight", renamed.Blocks[0].Body[0].Get("weight"));
        Assert.Equal(IrPrinter.Print(module), IrPrinter.Print(Running.Apply(renamed, "rename{map=[[\"norm.weight\", \"embedding.weight\"], [\"embedding.weight\", \"norm.weight\"]]}")));
    }

    [Fact]
    public void Text_alone_keeps_its_hashes()
    {
        var module = new Mamba2Sample().Build();
        Assert.Equal(
            IrPrinter.Print(Running.Apply(module, "rename{map=[[\"layers.*\", \"l.*\"]]}")),
            IrPrinter.Print(Running.Apply(RewriteTests.Bare(module), "rename{map=[[\"layers.*\", \"l.*\"]]}")));
    }

    [Theory]
    [InlineData("[\"layers.*.in_proj.wieght\", \"x\"]", "BIM2109", "\"layers.*.in_proj.wieght\" matches no resource; hint: did you mean 'layers.*.in_proj.weight'?")]
    [InlineData("[\"nothing.of.this.name\", \"x\"]", "BIM2109", "\"nothing.of.this.name\" matches no resource; hint: known are embedding.weight, layers.*.a_log, layers.*.conv.bias, layers.*.conv.weight, layers.*.d, layers.*.dt_bias, layers.*.gate_norm.weight, layers.*.in_proj.bias, layers.*.in_proj.scale, layers.*.in_proj.shift, layers.*.in_proj.weight, layers.*.norm.weight, layers.*.out_proj.bias, layers.*.out_proj.scale, layers.*.out_proj.shift, layers.*.out_proj.weight, norm.weight")]
    [InlineData("[\"*.bias\", \"b.*\"], [\"layers.0.conv.bias\", \"x\"]", "BIM2109", "\"layers.0.conv.bias\" matches only what a pattern before it takes, for example @layers.0.conv.bias; hint: put it before that pattern")]
    [InlineData("[\"norm.weight\", \"embedding.weight\"]", "BIM2110", "@embedding.weight and @norm.weight would have the name @embedding.weight; hint: give each a name of its own")]
    [InlineData("[\"layers.0.conv.*\", \"conv\"]", "BIM2110", "@layers.0.conv.bias and @layers.0.conv.weight would have the name @conv; hint: give each a name of its own")]
    [InlineData("[\"layers.*\", \"*.*\"]", "BIM2111", "\"*.*\" has 2 wildcards, its pattern \"layers.*\" has 1; hint: give the pattern more, or the name fewer")]
    [InlineData("[\"norm.weight\", \"\"]", "BIM2012", "the new name of @norm.weight: expected characters that can be printed, found \"\"; hint: change the name of its pair")]
    public void Mistakes_are_named(string map, string id, string message)
    {
        var bag = new DiagnosticBag();
        Assert.Null(Running.TryApply(new Mamba2Sample().Build(), $"rename{{map=[{map}]}}", bag));
        var error = Assert.Single(bag.Items, item => item.Severity == Severity.Error);
        Assert.Equal((id, message), (error.Id, error.Hint is null ? error.Message : $"{error.Message}; hint: {error.Hint}"));
        if (id != "BIM2012")
            Assert.Equal(ExitCode.Usage, bag.ExitCode);
    }
}
