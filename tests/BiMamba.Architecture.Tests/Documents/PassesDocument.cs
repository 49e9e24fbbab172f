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
        text.AppendLine("A pipeline is a list of stages, `pass{option=value, ...}`, with `|` between them. Options that are not given have their defaults.").AppendLine();
        MarkdownTable.Write(text, ["pass", "guarantees", "levels"], PassTable.All.Select(pass => (string[])[$"[`{pass.Info.Name}`](#{pass.Info.Name})", pass.Info.Summary, LevelNames(pass.Info)]));
        foreach (var pass in PassTable.All)
            Write(text, pass.Info);
        return text.ToString().TrimEnd() + "\n";
    }

    private static void Write(StringBuilder text, PassInfo info)
    {
        text.Append("## ").AppendLine(info.Name).AppendLine();
        text.AppendLine(info.Summary).AppendLine();
        text.Append("Levels: ").Append(LevelNames(info)).AppendLine(".").AppendLine();
        text.AppendLine("```text").AppendLine(info.Example).AppendLine("```").AppendLine();
        if (info.Options.IsEmpty)
            return;
        MarkdownTable.Write(text, ["option", "values", "default", "meaning"], info.Options.Select(option => (string[])[$"`{option.Name}`", Values(option), $"`{option.Default}`", option.Summary]));
    }

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
