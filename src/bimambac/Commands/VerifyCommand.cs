using System.CommandLine;
using BiMamba.CommandLine.Console;
using BiMamba.Diagnostics;
using BiMamba.Formats.Bimb;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac verify.</summary>
internal sealed class VerifyCommand : CommandDefinition
{
    private readonly Argument<string> file = new("file") { Description = "A .bimb file, or a checkpoint." };

    /// <summary>Makes the syntax.</summary>
    public VerifyCommand(CommonOptions common)
    {
        Command = new Command("verify", "Checks structure and hashes of a .bimb file, or that a checkpoint is complete.\nExample: bimambac verify model.bimb") { file };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        var path = context.Get(file);
        if (!ModelLoader.IsBimb(path))
        {
            using var model = ModelLoader.Load(path, context.Common.Import(context.Result), context.Diagnostics);
            if (model is not null)
                context.Terminal.Output.WriteLine($"{path}: complete: {model.Summary}");
            return ExitCode.Ok;
        }

        using var bimb = BimbReader.Open(path, context.Diagnostics);
        if (bimb is not null && Hashes(bimb, context))
            context.Terminal.Output.WriteLine($"{path}: structure and hashes of {bimb.Rows.Count} tensors are right");
        return ExitCode.Ok;
    }

    /// <summary>Checks the hashes of every tensor, with progress.</summary>
    public static bool Hashes(BimbFile bimb, CommandContext context)
    {
        var total = bimb.Rows.Sum(row => row.Size);
        var line = new ProgressLine(context.Terminal, "verify");
        return BimbVerifier.VerifyHashes(bimb, context.Diagnostics, new DirectProgress<long>(bytes => line.Report(bytes, total)), context.Cancellation);
    }
}
