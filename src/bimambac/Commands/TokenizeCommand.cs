using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Tensors;
using BiMamba.Tokenizers;
using BiMamba.Toolchain.Models;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac tokenize.</summary>
internal sealed class TokenizeCommand : CommandDefinition
{
    private const int IdsBetweenLooks = 4096;

    private readonly CommonOptions common;
    private readonly Argument<string> source = new("source") { Description = "A model with a tokenizer, a tokenizer.json, or the word bytes." };
    private readonly Option<string> text = CommonOptions.InputFile(new Option<string>("--text") { Description = "A text file.", Required = true, HelpName = "FILE" });
    private readonly Option<bool> special = new("--special-tokens") { Description = "Add the tokens that the tokenizer puts around a text." };

    /// <summary>Makes the syntax.</summary>
    public TokenizeCommand(CommonOptions common)
    {
        this.common = common;
        Command = new Command("tokenize", "Prints the token ids of a text, one line of ids between commas.\nExample: bimambac tokenize tokenizer.json --text input.txt --json")
        {
            source, text, special, common.Json,
        };
        common.AddImport(Command);
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        if (LoadTokenizer(context) is not { } tokenizer)
            return ExitCode.Ok;
        using var map = FileMap.Open(context.Get(text), context.Diagnostics);
        if (map is null)
            return ExitCode.Ok;
        if (map.Length > CorpusReader.MaxBytes)
        {
            context.Diagnostics.Add(RuntimeDiagnostics.TokenFile, $"expected at most {CorpusReader.MaxBytes} bytes, found {map.Length}", Place.OfFile(map.Path));
            return ExitCode.Ok;
        }

        var ids = tokenizer.EncodeLong(map.Copy(0, (int)map.Length), context.Get(special), context.Cancellation);
        context.Terminal.Output.WriteLine(context.IsJson
            ? JsonSerializer.Serialize(new TokenizeJson(1, tokenizer.Kind, tokenizer.Hash, ids.Length, ids), Schema.Plain.TokenizeJson)
            : Line(ids, context.Cancellation));
        return ExitCode.Ok;
    }

    /// <summary>The ids with commas between them. All are there before the first is printed, so that a run that is cancelled prints none.</summary>
    private static string Line(int[] ids, CancellationToken cancellation)
    {
        var line = new StringBuilder();
        for (var i = 0; i < ids.Length; i++)
        {
            if (i % IdsBetweenLooks == 0)
                cancellation.ThrowIfCancellationRequested();
            line.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}{ids[i]}");
        }

        return line.ToString();
    }

    private Tokenizer? LoadTokenizer(CommandContext context)
    {
        var path = context.Get(source);
        var named = common.Import(context.Result).TokenizerPath;
        if (named is not null)
            return ModelLoader.LoadTokenizer(named, context.Diagnostics);
        // A tokenizer needs no weights: beside a checkpoint it is read alone.
        var beside = Path.Combine(path, "tokenizer.json");
        if (Directory.Exists(path) && File.Exists(beside))
            return ModelLoader.LoadTokenizer(beside, context.Diagnostics);
        var isTokenizer = path == BytesTokenizer.KindName || Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);
        if (isTokenizer)
            return ModelLoader.LoadTokenizer(path, context.Diagnostics);
        using var model = ModelLoader.Load(path, common.Import(context.Result), context.Diagnostics);
        if (model is { Tokenizer: null })
            context.Diagnostics.Add(RuntimeDiagnostics.NoTokenizer, "the model has no tokenizer", Place.OfFile(path), "name a tokenizer.json instead");
        return model?.Tokenizer;
    }
}
