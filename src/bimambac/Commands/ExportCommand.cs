using System.CommandLine;
using BiMamba.CommandLine.Exports;
using BiMamba.CommandLine.Models;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Gguf;
using BiMamba.Tensors;
using BiMamba.Toolchain.Conversion;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac export: a model as a file of other programs.</summary>
internal sealed class ExportCommand : CommandDefinition
{
    private const string DefaultShard = "5G";

    private readonly CommonOptions common;
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> to = new("--to") { Description = "The format.", Required = true, HelpName = "gguf|safetensors" };
    private readonly Option<string> output = new("--output", "-o") { Description = "The .gguf file or, for safetensors, the folder to write (a file in the layout packed).", Required = true, HelpName = "PATH" };
    private readonly Option<string?> type = new("--type") { Description = "Element type of the projections in a GGUF file (default: f16), or of all matrices in safetensors (f32, f16 or bf16; default: f32)." };
    private readonly Option<string?> head = new("--head") { Description = "Element type of embedding and head in a GGUF file (default: f16, or --type where that is f32 or bf16)." };
    private readonly Option<string?> layout = new("--layout") { Description = "Layout of safetensors: dense weights as transformers reads them (default), FBI-Linear as the official Bi-Mamba code reads it, or planes of bits with the module in the metadata." };
    private readonly Option<bool> strict = new("--strict") { Description = "Write nothing unless the file holds every weight exactly." };
    private readonly Option<string?> name = new("--name") { Description = "Name of the model in a GGUF file (default: its architecture).", HelpName = "TEXT" };
    private readonly Option<string?> shard = new("--max-shard-size") { Description = $"Most bytes of tensors in one file of safetensors (default: {DefaultShard}).", HelpName = "SIZE" };
    private readonly Option<string?> validate = CommonOptions.InputFile(new Option<string?>("--validate") { Description = "A text: evaluate the source and the written file on it and compare them.", HelpName = "TEXT" });

    /// <summary>Makes the syntax.</summary>
    public ExportCommand(CommonOptions common)
    {
        this.common = common;
        CommonOptions.Restrict(to, ExportFormats.Gguf, ExportFormats.Safetensors);
        CommonOptions.Restrict(type, [.. GgmlType.All.Select(row => row.Name)]);
        CommonOptions.Restrict(head, [.. GgmlType.All.Select(row => row.Name)]);
        CommonOptions.Restrict(layout, ExportFormats.Layouts);
        Command = new Command("export", "Writes a model as a GGUF file for llama.cpp, or as safetensors for PyTorch.\nExample: bimambac export tiny.bimb --to gguf --type q8_0 -o tiny.gguf")
        {
            model, to, output, type, head, layout, strict, name, shard, validate, common.Context, common.MaxWindows, common.Force, common.Json, common.Threads,
        };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        if (Request(context) is not { } request)
            return ExitCode.Ok;
        context.Outputs.Add(request.Target);
        if (!CheckOutput(context, request))
            return ExitCode.Ok;
        using var loaded = ModelLoader.LoadToRun(context.Get(model), common.Import(context.Result), context.Diagnostics);
        if (loaded is not null && OutputCheck.DiffersFromInputs(request.Target, [.. loaded.Files, request.Validate], context.Diagnostics))
            new ExportRun(context, common, loaded, request).Execute();
        return ExitCode.Ok;
    }

    private ExportRequest? Request(CommandContext context)
    {
        var isGguf = context.Get(to) == ExportFormats.Gguf;
        void Conflict(string message) => context.Diagnostics.Add(ExportDiagnostics.Options, message, Place.None);
        if (isGguf && (context.Get(layout) ?? context.Get(shard)) is not null)
            Conflict("--layout and --max-shard-size go with --to safetensors");
        if (!isGguf && (context.Get(head) ?? context.Get(name)) is not null)
            Conflict("--head and --name go with --to gguf");
        if (context.Get(validate) is null && (context.Get(common.Context) ?? context.Get(common.MaxWindows)) is not null)
            Conflict("--context and --max-windows go with --validate");
        var kind = context.Get(layout) ?? ExportFormats.HuggingFace;
        var element = context.Get(type) is { } word ? GgmlType.Find(word)! : null;
        if (!isGguf && element is not null && (kind != ExportFormats.HuggingFace || element.BlockElements > 1))
            Conflict($"expected --type f32, f16 or bf16 with --layout {ExportFormats.HuggingFace}, found --type {element.Name}{(kind == ExportFormats.HuggingFace ? "" : " with --layout " + kind)}");
        if (kind == ExportFormats.Packed && (context.Get(validate) ?? context.Get(shard)) is not null)
            Conflict($"--validate and --max-shard-size do not go with --layout {ExportFormats.Packed}");
        if (!isGguf && context.Get(strict) && kind == ExportFormats.HuggingFace && element is not null && element != GgmlType.F32)
            Conflict("--strict goes with --type f32 in safetensors");
        var shardBytes = MemoryLimit.Parse(context.Get(shard) ?? DefaultShard);
        if (shardBytes is null)
            Conflict($"--max-shard-size: expected a size such as 5G or 500M, found '{context.Get(shard)}'");
        if (context.Diagnostics.HasErrors)
            return null;
        var linear = element ?? (isGguf ? GgmlType.F16 : GgmlType.F32);
        var ends = context.Get(head) is { } headWord ? GgmlType.Find(headWord)! : linear == GgmlType.F32 || linear == GgmlType.BF16 ? linear : GgmlType.F16;
        return new ExportRequest(context.Get(output), isGguf ? ExportFormats.Gguf : kind, linear, ends, context.Get(strict), context.Get(name), shardBytes!.Value, context.Get(validate));
    }

    /// <summary>A file is started and dropped, which finds out now what would else be found after the work.</summary>
    private bool CheckOutput(CommandContext context, ExportRequest request)
    {
        if (!request.IsFile)
            return true;
        using var probe = AtomicFile.Create(request.Target, context.Get(common.Force), context.Diagnostics);
        return probe is not null;
    }
}
