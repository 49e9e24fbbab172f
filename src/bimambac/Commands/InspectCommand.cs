using System.CommandLine;
using System.Text.Json;
using BiMamba.CommandLine.Models;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Bimb;
using BiMamba.Formats.Spec;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac inspect: what a model holds, from its headers; only IR text of a checkpoint takes hashes of its weights.</summary>
internal sealed class InspectCommand : CommandDefinition
{
    private const int LinesAtOnce = 1000;

    private readonly CommonOptions common;
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<bool> ir = new("--ir") { Description = "Print the module as IR text with the first digits of each tensor's hash, for which a checkpoint is read whole." };
    private readonly Option<bool> fields = new("--fields") { Description = "Print every field of a .bimb, .safetensors or .gguf file: offset, field, value, meaning." };
    private readonly Option<bool> hex = new("--hex") { Description = "Print the bytes of a .bimb, .safetensors or .gguf file by field; of a region of tensors only the first." };

    /// <summary>Makes the syntax.</summary>
    public InspectCommand(CommonOptions common)
    {
        this.common = common;
        Command = new Command("inspect", "Shows what a model holds, from its headers.\nExample: bimambac inspect tiny.bimb")
        {
            model, ir, fields, hex, common.Json,
        };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        var path = context.Get(model);
        if (((bool[])[context.Get(ir), context.Get(fields), context.Get(hex), context.IsJson]).Count(wanted => wanted) > 1)
            context.Diagnostics.Add(CommandDiagnostics.Conflict, "expected at most one of --json, --ir, --fields and --hex", Place.None);
        else if (context.Get(fields) || context.Get(hex))
            PrintBytes(context, path);
        else
            PrintModel(context, path);
        return ExitCode.Ok;
    }

    private void PrintBytes(CommandContext context, string path)
    {
        var known = string.Join(", ", FormatTable.All.Select(row => row.Extension));
        if (Directory.Exists(path))
        {
            context.Diagnostics.Add(CommandDiagnostics.WrongModel, $"expected a file of a known kind ({known}), found a folder", Place.OfFile(path), "name a file in it");
            return;
        }

        using var map = Tensors.FileMap.Open(path, context.Diagnostics);
        if (map is null)
            return;
        var source = SpecSource.Of(map);
        if (FormatTable.Recognize(source) is not { } format)
        {
            context.Diagnostics.Add(CommandDiagnostics.WrongModel, $"expected a file of a known kind ({known}), found neither the content nor the extension of one", Place.OfFile(path), "bimambac spec lists the kinds");
            return;
        }

        // A broken file is shown as far as it can be read; what is wrong follows on stderr.
        var tree = SpecReader.Read(format.Spec, source, context.Diagnostics);
        // stdout is flushed at every write: many lines go at once.
        foreach (var lines in (context.Get(fields) ? SpecInspector.Print(tree) : SpecInspector.Hex(tree, source)).Chunk(LinesAtOnce))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            context.Terminal.Output.Write(string.Concat(lines.Select(line => line + "\n")));
        }
    }

    private void PrintModel(CommandContext context, string path)
    {
        using var loaded = ModelLoader.Load(path, common.Import(context.Result), context.Diagnostics);
        if (loaded is null)
            return;
        var bimb = loaded.Owned as BimbFile;
        if (context.Get(ir))
        {
            context.Terminal.Output.Write(ModuleText.Print(loaded.Module, context.Cancellation));
            return;
        }

        var bytes = loaded.Files.Sum(file => new FileInfo(file).Length);
        var report = new InspectReport(path, loaded, bimb, SizeLedger.Of(loaded.Module, bytes));
        if (context.IsJson)
            context.Terminal.Output.WriteLine(JsonSerializer.Serialize(report.ToJson(), Schema.Plain.InspectJson));
        else
            report.Write(context.Terminal.Output);
    }
}
