using System.Text.RegularExpressions;
using BiMamba.Diagnostics;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Text;

namespace BiMamba.IR.Tests;

/// <summary>Rules over the descriptors of all passes.</summary>
public sealed partial class PassTableTests
{
    public static TheoryData<string> Names => [.. PassTable.All.Select(pass => pass.Info.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_descriptor_is_complete(string name)
    {
        var info = PassTable.All.Single(pass => pass.Info.Name == name).Info;
        Assert.Matches(Kebab(), info.Name);
        Assert.EndsWith(".", info.Summary, StringComparison.Ordinal);
        Assert.NotEmpty(info.Rules);
        Assert.Equal(info.Rules.Length, info.Rules.Select(rule => rule.Takes).Distinct().Count());
        // What other programs take is dense: one pass goes back on purpose.
        if (name != "dequantize")
            Assert.All(info.Rules, rule => Assert.True(rule.Gives >= rule.Takes, "a pass does not go back"));
        Assert.Equal(info.Options.Length, info.Options.Select(option => option.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(info.Options, option =>
        {
            Assert.Matches(Kebab(), option.Name);
            Assert.NotEqual("", option.Summary);
            Assert.Null(option.Reject(option.Default));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_example_parses_to_its_pass(string name)
    {
        var bag = new DiagnosticBag();
        var info = PassTable.All.Single(pass => pass.Info.Name == name).Info;
        var parsed = PipelineParser.Parse(new SourceText("example", info.Example), PassTable.All, bag);
        Assert.True(parsed is not null, string.Join('\n', bag.Items));
        Assert.Equal(name, Assert.Single(parsed.Stages).Pass.Info.Name);
        Assert.Equal(info.Options.Select(option => option.Name), parsed.Stages[0].Options.Values.Select(pair => pair.Key));
    }

    [Fact]
    public void Names_are_unique() =>
        Assert.Equal(PassTable.All.Length, PassTable.All.Select(pass => pass.Info.Name).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void Every_level_reaches_packed()
    {
        foreach (var level in Enum.GetValues<Level>().Where(level => level != Level.Packed))
            Assert.Contains(PassTable.All, pass => pass.Info.Gives(level) == Level.Packed);
    }

    [GeneratedRegex("^[a-z0-9]+([-_][a-z0-9]+)*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Kebab();
}
