using System.Globalization;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Bimb;
using BiMamba.Tensors;
using BiMamba.Tokenizers;
using BiMamba.Toolchain.Conversion;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.Toolchain.Rebuilding;

/// <summary>Finds the inputs of a recipe, and lets in only what has the hashes that it names.</summary>
/// <param name="file">The file whose recipe it is.</param>
/// <param name="recipe">The recipe.</param>
/// <param name="options">Where the inputs are said to be.</param>
/// <param name="context">Whom it tells what.</param>
internal sealed class RebuildInputs(BimbFile file, RecipeJson recipe, RebuildOptions options, ConversionContext context)
{
    private readonly DiagnosticBag diagnostics = context.Diagnostics;

    /// <summary>How the source is read. The default fidelity is left to the pipeline, as in the conversion.</summary>
    public LoadOptions Load => new()
    {
        ConfigPath = options.Config,
        TokenizerPath = options.Tokenizer ?? (recipe.Tokenizer == new BytesTokenizer().Hash ? BytesTokenizer.KindName : null),
        NormGroupSize = recipe.NormGroupSize,
        Fidelity = recipe.ImportFidelity == LoadOptions.Latent ? null : recipe.ImportFidelity,
    };

    /// <summary>True where all inputs are named; otherwise an error for each that is not, with what the recipe says of it.</summary>
    /// <param name="isCalibrated">True where a pass looks at activations.</param>
    public bool AreGiven(bool isCalibrated)
    {
        if (options.Source is null)
            Missing("sources", $"expected --source with the model that the file was made of: {string.Join(", ", recipe.Sources.Select(source => Show(source.Name, source.Sha256)))}");
        if (isCalibrated && options.Calibration is null)
            Missing("calibration", $"expected --calibration with the text that passes looked at: {Show(recipe.Calibration!.Name, recipe.Calibration.Sha256)}");
        if (!isCalibrated && options.Calibration is not null)
            diagnostics.Add(CommandDiagnostics.Conflict, "--calibration goes with a recipe whose passes look at activations, and this one has none", Place.OfFile(file.Path), "leave it out");
        return !diagnostics.HasErrors;
    }

    /// <summary>The model that the file was made of, with the tokenizer of the recipe; null where the bag got an error.</summary>
    public LoadedModel? Open()
    {
        if (ModelLoader.LoadToRun(options.Source!, Load.Import, diagnostics) is not { } model)
            return null;
        // A tokenizer of the recipe's hash is the tokenizer of the conversion, wherever it lies.
        if (model.Tokenizer is null && recipe.Tokenizer.Length > 0 && StoredTokenizer() is { } stored && stored.Hash == recipe.Tokenizer)
            model = model with { Tokenizer = stored };
        if (!diagnostics.HasErrors && HasTokenizer(model))
            return model;
        model.Dispose();
        return null;
    }

    /// <summary>Names, lengths and hashes of the files of the model, which are those of the recipe; null where the bag got an error.</summary>
    public IReadOnlyList<SourceJson>? Hash(LoadedModel model)
    {
        var maps = model.Module.Resources.Values.Select(resource => resource.Data).OfType<MappedTensor>().Select(tensor => tensor.Map);
        using var hashes = SourceHashes.Start(model.Files, maps, Limits.Threads(options.Threads), context.HashInputs, diagnostics, context.Cancellation);
        if (hashes?.Finish() is not { } found)
            return null;
        Compare(found, model);
        return diagnostics.HasErrors ? null : found;
    }

    /// <summary>The calibration, whose text has the hash of the recipe; null where the bag got an error.</summary>
    public CalibrationOptions? Calibration()
    {
        var (recorded, text) = (recipe.Calibration!, options.Calibration!);
        using var hashes = SourceHashes.Start([text], [], 1, new DirectProgress<(long Done, long Total)>(_ => { }), diagnostics, context.Cancellation);
        if (hashes?.Finish()[0].Sha256 is not { } found)
            return null;
        if (found == recorded.Sha256)
            return new CalibrationOptions(text) { Samples = recorded.Samples, SequenceLength = recorded.SequenceLength, Seed = recorded.Seed };
        Differs(Place.OfFile(text), $"expected {Show(recorded.Name, recorded.Sha256)}, found {found}", "give the text that the passes looked at");
        return null;
    }

    /// <summary>Files are known by their bytes: another name is told with the recipe. Those of one name are compared with each other.</summary>
    private void Compare(IReadOnlyList<SourceJson> found, LoadedModel model)
    {
        foreach (var expected in recipe.Sources.Where(expected => found.All(source => source.Sha256 != expected.Sha256)))
        {
            if (found.FirstOrDefault(source => source.Name == expected.Name) is { } other)
                Differs(PlaceOf(other), $"expected {Show(expected)}, found {Show(other)}", "give the files that the conversion read");
            else
                diagnostics.Add(CommandDiagnostics.RecipeInput, $"expected {expected.Name} with {Show(expected)} among the files of the model, found {string.Join(", ", found.Select(source => source.Name))}", Place.OfFile(model.Path), "give the files that the conversion read");
        }

        foreach (var other in found.Where(source => recipe.Sources.All(expected => expected.Sha256 != source.Sha256 && expected.Name != source.Name)))
            Differs(PlaceOf(other), $"expected none but {string.Join(", ", recipe.Sources.Select(expected => expected.Name))}, found another file of the model, with {Show(other)}", "give the files that the conversion read");

        Place PlaceOf(SourceJson source) => Place.OfFile(model.Files.First(path => Path.GetFileName(path) == source.Name));
    }

    private bool HasTokenizer(LoadedModel model)
    {
        var found = model.Tokenizer?.Hash ?? "";
        if (found == recipe.Tokenizer)
            return true;
        Differs(Place.OfFile(options.Tokenizer ?? model.Path), $"expected {Say(recipe.Tokenizer)}, found {Say(found)}", "--tokenizer names the tokenizer.json of the conversion");
        return false;

        static string Say(string hash) => hash.Length == 0 ? "no tokenizer" : $"a tokenizer with SHA-256 {hash}";
    }

    private Tokenizer? StoredTokenizer() => file.Tokenizer.Kind switch
    {
        BimbTokenizerKind.Bytes => new BytesTokenizer(),
        BimbTokenizerKind.Json => TokenizerJson.Parse(file.Tokenizer.Content, file.Path, diagnostics),
        BimbTokenizerKind.None => null,
        _ => throw new InvalidOperationException($"unknown tokenizer kind {file.Tokenizer.Kind}"),
    };

    private void Missing(string field, string message) =>
        diagnostics.Add(CommandDiagnostics.RecipeInput, message, new Place(file.Path, Field: "recipe." + field), "a recipe has the hashes of its inputs, but not where they lie");

    private void Differs(Place place, string message, string hint) => diagnostics.Add(CommandDiagnostics.RecipeInputDiffers, message, place, hint);

    private static string Show(string name, string sha256) => $"{name} with SHA-256 {sha256}";

    private static string Show(SourceJson source) => string.Create(CultureInfo.InvariantCulture, $"SHA-256 {source.Sha256} of {source.Bytes} bytes");
}
