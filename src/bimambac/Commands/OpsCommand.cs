using System.CommandLine;
using System.Text.Json;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.IR;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac ops: the op table.</summary>
internal sealed class OpsCommand : CommandDefinition
{
    /// <summary>Makes the syntax.</summary>
    public OpsCommand(CommonOptions common) =>
        Command = new Command("ops", "Lists the ops of the IR with their mathematics, operands and attributes.\nExample: bimambac ops") { common.Json };

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        if (context.IsJson)
        {
            context.Terminal.Output.WriteLine(JsonSerializer.Serialize(new OpsJson(1, [.. Ops.All.Select(ToJson)]), Schema.Plain.OpsJson));
            return ExitCode.Ok;
        }

        foreach (var op in Ops.All)
            Write(context.Terminal.Output, op);
        return ExitCode.Ok;
    }

    private static void Write(TextWriter writer, OpInfo op)
    {
        writer.WriteLine($"{op.Name}: {op.Summary}");
        writer.WriteLine($"  {op.Formula}");
        writer.WriteLine($"  levels: {string.Join(", ", op.Levels.Select(level => level.Name()))}");
        foreach (var role in op.Operands)
            writer.WriteLine($"  {(role.IsResource ? "@" : "%")}{role.Name}{(role.IsRequired ? "" : ", optional")}: {role.Summary}");
        foreach (var (info, fallback) in op.Attributes)
            writer.WriteLine($"  {info.Name} = {fallback?.ToString() ?? "must be given"}: {info.Summary}{(info.Words.IsEmpty ? "" : $" ({string.Join(", ", info.Words)})")}");
    }

    private static OpJson ToJson(OpInfo op) => new(
        op.Name, op.Summary, op.Formula, [.. op.Levels.Select(level => level.Name())],
        [.. op.Operands.Select(role => new OperandJson(role.Name, role.IsResource ? "resource" : "value", role.IsRequired, role.Summary))],
        [.. op.Attributes.Select(row => new OpAttributeJson(row.Info.Name, row.Info.Kind.ToString().ToLowerInvariant(), row.Info.Words, row.Default?.ToString(), row.Info.Summary))]);
}
