using System.CommandLine;
using System.Globalization;
using BiMamba.CommandLine.Console;
using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Tensors;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Conversion;
using BiMamba.Toolchain.Generation;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac logits: every logit of a sequence, for comparison with other implementations.</summary>
internal sealed class LogitsCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string?> ids = new("--ids") { Description = "Token ids, such as 1,2,3.", HelpName = "LIST" };
    private readonly Option<string?> idsFile = CommonOptions.InputFile(new Option<string?>("--ids-file") { Description = "A file of token ids (.npy, .ids, .json).", HelpName = "FILE" });
    private readonly Option<string> output = new("--output", "-o") { Description = "The safetensors file to write: F32 logits [tokens, stored rows].", Required = true, HelpName = "FILE" };
    private readonly Option<bool> stepwise = new("--stepwise") { Description = "Run token by token with carried state, as generation does." };

    /// <summary>Makes the syntax.</summary>
    public LogitsCommand(CommonOptions common)
    {
        this.common = common;
        Command = new Command("logits", "Writes the logits of a token sequence.\nExample: bimambac logits tiny.bimb --ids 72,101,108,108,111 -o logits.safetensors")
        {
            model, ids, idsFile, output, stepwise, common.ReferenceEngine, common.Force, common.Threads,
        };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        var target = context.Get(output);
        context.Outputs.Add(target);
        using (var probe = AtomicFile.Create(target, context.Get(common.Force), context.Diagnostics))
        {
            if (probe is null)
                return ExitCode.Ok;
        }

        using var loaded = ModelLoader.LoadToRun(context.Get(model), common.Import(context.Result), context.Diagnostics);
        if (loaded is null || !OutputCheck.DiffersFromInputs(target, [.. loaded.Files, context.Get(idsFile)], context.Diagnostics) || TokenIds.Read(context.Get(ids), context.Get(idsFile), loaded, context.Diagnostics) is not { } tokens)
            return ExitCode.Ok;
        if (Logits(context, loaded, tokens) is not { } logits)
            return ExitCode.Ok;
        if (SafetensorsWriter.Write(target, [KeyValuePair.Create<string, Tensor>("logits", logits)], null, context.Get(common.Force), context.Diagnostics, context.Cancellation))
            context.Terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target}: logits f32[{tokens.Length},{loaded.Module.VocabularyRows}]"));
        return ExitCode.Ok;
    }

    /// <summary>The logits; null where the context's bag got an error.</summary>
    private LogitsTensor? Logits(CommandContext context, LoadedModel model, int[] tokens)
    {
        var options = new LogitsOptions { Engine = RuntimeWords.Engine(context.Get(common.ReferenceEngine)), Stepwise = context.Get(stepwise), Threads = common.ThreadCount(context.Result) };
        var logits = new LogitsTensor(tokens.Length, model.Module.VocabularyRows);
        var line = new ProgressLine(context.Terminal, "logits");
        var isFinite = LogitsRun.Run(
            model, tokens, options,
            (first, rows) =>
            {
                for (var t = 0; t < rows.Count; t++)
                    logits.Set(first + t, rows[t]);
                line.Report(first + rows.Count, tokens.Length);
            },
            context.Diagnostics, context.Cancellation);
        return isFinite ? logits : null;
    }

    /// <summary>Logits by row: together they may pass the size of one array.</summary>
    private sealed class LogitsTensor(int tokens, int vocabulary) : Tensor(ElementType.F32, Shape.Of(tokens, vocabulary))
    {
        private readonly byte[][] rows = new byte[tokens][];

        public void Set(int token, ReadOnlySpan<float> values) =>
            rows[token] = System.Runtime.InteropServices.MemoryMarshal.AsBytes(values).ToArray();

        public override void Read(long offset, Span<byte> destination)
        {
            CheckRange(offset, destination.Length);
            var rowBytes = vocabulary * sizeof(float);
            while (destination.Length > 0)
            {
                var (row, start) = Math.DivRem(offset, rowBytes);
                var part = rows[row].AsSpan((int)start);
                part = part[..Math.Min(part.Length, destination.Length)];
                part.CopyTo(destination);
                destination = destination[part.Length..];
                offset += part.Length;
            }
        }
    }
}
