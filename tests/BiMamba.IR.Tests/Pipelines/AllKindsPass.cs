using BiMamba.Pipeline;

namespace BiMamba.IR.Tests;

/// <summary>A pass that changes nothing and has an option of every kind.</summary>
internal sealed class AllKindsPass : Pass
{
    public override PassInfo Info { get; } = new(
        "all-kinds",
        "Changes nothing.",
        [.. Levels.All.Select(row => new LevelRule(row.Level, row.Level))],
        [
            new PassOption("count", new OptionValue.Int(3), "a whole number") { Min = -10, Max = 1 << 20 },
            new PassOption("rate", new OptionValue.Float(0.5), "a number"),
            new PassOption("flag", new OptionValue.Bool(false), "a truth"),
            new PassOption("mode", new OptionValue.Word("plain"), "a word"),
            new PassOption("text", new OptionValue.Text(""), "a text"),
            new PassOption("list", new OptionValue.List([]), "a list"),
            new PassOption("pairs", new OptionValue.List([]), "a list of pairs")
            {
                Element = new PassOption("pair", new OptionValue.List([]), "two texts") { Length = 2, Element = new PassOption("side", new OptionValue.Text(""), "a text") },
            },
            new PassOption("sizes", new OptionValue.List([new OptionValue.Int(1)]), "a list of sizes") { Element = new PassOption("size", new OptionValue.Int(1), "a size") { Min = 1, Max = 9 } },
        ],
        "all-kinds{count=4}");

    public override Module Run(Module module, PassOptions options, PassContext context) => module;
}
