using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;
using BiMamba.Passes.Shared.LowBit;
using BiMamba.Pipeline;
using BiMamba.Runtime.Calibration;
using BiMamba.Toolchain.Models;
using BiMamba.Toolchain.Recipes;

namespace BiMamba.Toolchain.Conversion;

/// <summary>The data that passes look at, and what the recipe says of it.</summary>
internal sealed record CalibrationData(ICalibration Calibration, CalibrationJson Recipe, IReadOnlyList<int[]> Samples)
{
    /// <summary>True where a pipeline has use for what is there; otherwise an error.</summary>
    public static bool Check(CalibrationOptions? options, PassPipeline pipeline, DiagnosticBag diagnostics)
    {
        if (options is null || pipeline.Stages.Any(stage => stage.Pass is CalibratedPass))
            return true;
        diagnostics.Add(CommandDiagnostics.Conflict, "--calibration goes with a pass that looks at activations, and the pipeline has none", Place.None, "leave it out, or use --method gptq or billm");
        return false;
    }

    /// <summary>The data of a text for a model; null where the bag got an error.</summary>
    public static CalibrationData? Load(CalibrationOptions options, LoadedModel model, int threads, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (CorpusReader.Read(options.Text, model.Tokenizer, model.Module.VocabularyRows, diagnostics, cancellation) is not { } corpus)
            return null;
        var (count, tokens, seed) = (options.Samples, options.SequenceLength, options.Seed);
        if (CalibrationSampler.Draw(corpus.Ids, count, tokens, seed, options.Text, diagnostics) is not { } windows)
            return null;
        var recipe = new CalibrationJson(Path.GetFileName(options.Text), corpus.Sha256, count, tokens, seed) { Ngrams = NgramsJson.Of(windows, NgramSketch.LengthFor(model.Tokenizer)) };
        return new CalibrationData(new SampledCalibration(windows, threads), recipe, windows);
    }
}
