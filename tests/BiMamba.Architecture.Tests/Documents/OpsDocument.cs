using System.Text;
using BiMamba.IR;

namespace BiMamba.Architecture.Tests.Documents;

/// <summary>docs/ops.md: levels, encodings and every row of the op table.</summary>
internal static class OpsDocument
{
    public static string Write()
    {
        var text = new StringBuilder();
        MarkdownTable.WriteHead(text, "Ops", "`src/BiMamba.IR`");
        text.AppendLine("## Levels").AppendLine();
        MarkdownTable.Write(text, ["level", "holds"], Levels.All.Select(row => (string[])[$"`{row.Name}`", row.Summary]));
        text.AppendLine("## Encodings").AppendLine();
        MarkdownTable.Write(text, ["encoding", "elements"], Encodings.All.Select(row => (string[])[$"`{row.Name}`", row.Summary]));
        text.AppendLine("## Op table").AppendLine();
        text.AppendLine("T is the number of tokens of a run. A value is written `%name`, a resource `@name`; an optional role is written `role = @name`.").AppendLine();
        MarkdownTable.Write(text, ["op", "computes", "levels"], Ops.All.Select(op => (string[])[$"[`{op.Name}`](#{op.Name})", op.Summary, LevelNames(op)]));
        foreach (var op in Ops.All)
            Write(text, op);
        return text.ToString().TrimEnd() + "\n";
    }

    private static void Write(StringBuilder text, OpInfo op)
    {
        text.Append("### ").AppendLine(op.Name).AppendLine();
        text.AppendLine(op.Summary).AppendLine();
        text.AppendLine("```text").AppendLine(op.Formula).AppendLine("```").AppendLine();
        text.Append("Levels: ").Append(LevelNames(op)).AppendLine(".").AppendLine();
        MarkdownTable.Write(text, ["role", "kind", "shape and meaning"], op.Operands.Select(role => (string[])[$"`{role.Name}`", Kind(role), role.Summary]));
        if (op.Attributes.IsEmpty)
            return;
        MarkdownTable.Write(text, ["attribute", "kind", "default", "meaning"], op.Attributes.Select(row => (string[])
        [
            $"`{row.Info.Name}`",
            row.Info.Words.IsEmpty ? row.Info.Kind.ToString().ToLowerInvariant() : string.Join(", ", row.Info.Words.Select(word => $"`{word}`")),
            row.Default is null ? "must be given" : $"`{row.Default}`",
            row.Info.Summary,
        ]));
    }

    private static string Kind(OperandInfo role) =>
        (role.IsResource ? "resource" : "value") + (role.IsRequired ? "" : ", optional");

    private static string LevelNames(OpInfo op) => string.Join(", ", op.Levels.Select(level => level.Name()));
}
