using System.Globalization;
using System.Text;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Pipeline;

namespace BiMamba.Architecture.Tests.Documents;

/// <summary>docs/passes.md: every row of the pass table.</summary>
internal static class PassesDocument
{
    public static string Write()
    {
        var text = new StringBuilder();
        MarkdownTable.WriteHead(text, "Passes", "`passes/PassTable.cs`");
        text.AppendLine("A pipeline is a list of stages, `pass{option=value, ...}`, with `|` between them. Options that are not given have their defaults.");
        text.AppendLine("`bimambac convert` runs one on a checkpoint and writes a `.bimb` file, `bimambac opt` prints the module after it.").AppendLine();
        text.AppendLine("A module stands at a level: `float` as imported in full precision, `fbi` with the latent weights, scales and shifts of Bi-Mamba,");
        text.AppendLine("`quant` with planes of signs, `packed` with their bits as a file stores them. A pass takes the levels before its arrows and gives the one behind.").AppendLine();
        MarkdownTable.Write(text, ["pass", "guarantees", "levels"], PassTable.All.Select(pass => (string[])[$"[`{pass.Info.Name}`](#{pass.Info.Name})", pass.Info.Summary, LevelNames(pass.Info)]));
        foreach (var pass in PassTable.All)
            Write(text, pass.Info);
        text.AppendLine("## Named pipelines").AppendLine();
        text.AppendLine("`@name` stands for the stages of a file of `passes/pipelines`.").AppendLine();
        MarkdownTable.Write(text, ["name", "stages", "sentence"], PassTable.Pipelines.Select(pipeline => (string[])[$"`@{pipeline.Name}`", $"`{Stages(pipeline)}`", pipeline.Summary]));
        return text.ToString().TrimEnd() + "\n";
    }

    private static void Write(StringBuilder text, PassInfo info)
    {
        text.Append("## ").AppendLine(info.Name).AppendLine();
        text.AppendLine(info.Summary).AppendLine();
        text.Append("Levels: ").Append(LevelNames(info)).AppendLine(".").AppendLine();
        text.AppendLine(info.Weights.Info().Sentence).AppendLine();
        text.AppendLine("```text").AppendLine(info.Example).AppendLine("```").AppendLine();
        if (info.Options.IsEmpty)
            return;
        MarkdownTable.Write(text, ["option", "values", "default", "meaning"], info.Options.Select(option => (string[])[$"`{option.Name}`", Values(option), $"`{option.Default}`", option.Summary]));
    }

    private static string Stages(NamedPipeline pipeline) =>
        string.Join(' ', pipeline.Text.Content.Split('\n').Select(line => line.Split(';')[0].Trim()).Where(line => line.Length > 0));

    private static string Values(PassOption option)
    {
        if (!option.Allowed.IsEmpty)
            return string.Join(", ", option.Allowed.Select(word => $"`{word}`"));
        var kind = option.KindText;
        return (double.IsFinite(option.Min), double.IsFinite(option.Max)) switch
        {
            (true, true) => string.Create(CultureInfo.InvariantCulture, $"{kind} from {option.Min} to {option.Max}"),
            (true, false) => string.Create(CultureInfo.InvariantCulture, $"{kind} from {option.Min}"),
            (false, true) => string.Create(CultureInfo.InvariantCulture, $"{kind} to {option.Max}"),
            (false, false) => kind,
        };
    }

    private static string LevelNames(PassInfo info) =>
        string.Join(", ", info.Rules.Select(rule => $"{rule.Takes.Name()} -> {rule.Gives.Name()}"));
}
