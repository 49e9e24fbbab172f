using System.CommandLine;
using System.Text;
using BiMamba.CommandLine.Cards;
using BiMamba.CommandLine.Console;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Bimb;
using BiMamba.Frontend;
using BiMamba.Tensors;
using BiMamba.Toolchain;
using BiMamba.Toolchain.Conversion;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.CommandLine.Commands;

/// <summary>bimambac card: a model card of a .bimb file and results of it.</summary>
internal sealed class CardCommand : CommandDefinition
{
    private readonly CommonOptions common;
    private readonly Argument<string> file = new("file") { Description = "A .bimb file." };
    private readonly Option<string[]> results = new("--results") { Description = "What eval, tasks, compare or bench wrote with --json of this file; may be given several times.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> output = new("--output", "-o") { Description = "The Markdown file to write (default: stdout).", HelpName = "FILE" };

    /// <summary>Makes the syntax.</summary>
    public CardCommand(CommonOptions common)
    {
        this.common = common;
        results.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
                result.AddError("--results: expected a file name, found an empty one");
        });
        Command = new Command("card", "Writes a model card of a .bimb file: its figures, provenance and results, as the Hugging Face Hub reads them.\nExample: bimambac card tiny.bimb --results eval.json -o README.md")
        {
            file, results, output, common.Force,
        };
    }

    /// <inheritdoc/>
    public override Command Command { get; }

    /// <inheritdoc/>
    public override ExitCode Run(CommandContext context)
    {
        if (Make(context) is not { } card)
            return ExitCode.Ok;
        if (context.Get(output) is not { } target)
            context.Terminal.Output.Write(card);
        else if (OutputCheck.DiffersFromInputs(target, [context.Get(file), .. Results(context)], context.Diagnostics) && Save(context, target, card))
            context.Terminal.Output.WriteLine($"{target}: written");
        return ExitCode.Ok;
    }

    /// <summary>The text of the card; null where the bag got an error.</summary>
    private string? Make(CommandContext context)
    {
        var path = context.Get(file);
        if ((File.Exists(path) || Directory.Exists(path)) && !ModelLoader.IsBimb(path))
        {
            context.Diagnostics.Add(CommandDiagnostics.WrongModel, "expected a .bimb file, of which a card is made, found another kind of model", Place.OfFile(path), "bimambac convert writes one");
            return null;
        }

        using var loaded = ModelLoader.Load(path, new ImportOptions(), context.Diagnostics);
        if (loaded?.Owned is not BimbFile bimb || Describe(context, loaded, bimb) is not { } model)
            return null;
        var known = new List<CardResult>();
        foreach (var result in Results(context))
            known.AddRange(CardResultReader.Read(result, model, context.Diagnostics) ?? []);
        if (context.Diagnostics.HasErrors)
            return null;
        using var writer = new StringWriter { NewLine = "\n" };
        new CardWriter(model, known).Write(writer);
        return writer.ToString();
    }

    private CardModel? Describe(CommandContext context, LoadedModel loaded, BimbFile bimb)
    {
        var line = new ProgressLine(context.Terminal, "hash");
        var progress = new DirectProgress<(long Done, long Total)>(bytes => line.Report(bytes.Done, bytes.Total));
        using var hashes = SourceHashes.Start([bimb.Path], [bimb.Map], threads: 1, progress, context.Diagnostics, context.Cancellation);
        if (hashes?.Finish() is not [var own])
            return null;
        var recipe = CardRecipe.Of(bimb.Recipe, RecipeCalibration.Of(loaded, context.Diagnostics));
        return new CardModel(own.Name, own.Sha256, loaded.Module, loaded.Tokenizer, SizeLedger.Of(loaded.Module, own.Bytes), recipe);
    }

    private bool Save(CommandContext context, string target, string card)
    {
        context.Outputs.Add(target);
        using var saved = AtomicFile.Create(target, context.Get(common.Force), context.Diagnostics);
        if (saved is null)
            return false;
        try
        {
            saved.Stream.Write(Encoding.UTF8.GetBytes(card));
        }
        catch (IOException e)
        {
            AtomicFile.ReportNotWritable(target, e, context.Diagnostics);
            return false;
        }

        return saved.Commit(context.Diagnostics);
    }

    private string[] Results(CommandContext context) => context.Get(results) ?? [];
}
