using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Passes;
using BiMamba.Pipeline;
using BiMamba.Text;
using BiMamba.Toolchain.Models;

namespace BiMamba.Toolchain.Conversion;

/// <summary>Finds the stages of a conversion.</summary>
/// <param name="model">The model that is converted.</param>
/// <param name="load">How it was read.</param>
/// <param name="options">What was asked for.</param>
/// <param name="diagnostics">Receives errors and advice.</param>
internal sealed class PipelineChoice(LoadedModel model, LoadOptions load, ConvertOptions options, DiagnosticBag diagnostics)
{
    private Level Level => model.Module.Level;

    private string Fidelity => load.Fidelity ?? LoadOptions.Latent;

    /// <summary>The stages, which end at level packed; null where the bag got an error.</summary>
    public PassPipeline? Choose()
    {
        if (options.Pipeline is not null && (options.Method ?? options.Embedding) is not null)
        {
            diagnostics.Add(CommandDiagnostics.Conflict, "--pipeline says everything: it does not go with --method or --embedding", Place.None, "put quantize-embedding into the pipeline");
            return null;
        }

        if (!CheckMethod())
            return null;
        var stages = PassTable.Parse(new SourceText("pipeline", options.Pipeline ?? Usual()), diagnostics);
        if (stages is not null && options.StopAfter is { } count && count < stages.Stages.Length)
            stages = new PassPipeline(stages.Stages[..count]);
        return stages is not null && !HasOtherFidelity(stages) && EndsPacked(stages) ? stages : null;
    }

    private bool CheckMethod()
    {
        var method = options.Method;
        if (MethodOptions().Count > 0 && method is null or "fbi" or "none")
        {
            diagnostics.Add(CommandDiagnostics.Conflict, "--keep, --rule, --compat and --no-true-sequential go with --method and a post-training method", Place.None, "put them into the --pipeline as options of its passes");
            return false;
        }

        var expected = method switch
        {
            "fbi" when Level != Level.Fbi => "a Bi-Mamba checkpoint",
            not (null or "fbi" or "none") when Level != Level.Float => "a checkpoint in full precision",
            _ => null,
        };
        if (expected is null)
            return true;
        diagnostics.Add(CommandDiagnostics.WrongModel, $"--method {method}: expected {expected}, found a model at level {Level.Name()}", Place.OfFile(model.Path), "leave --method out");
        return false;
    }

    private string Usual()
    {
        var (stages, method) = (new List<string>(), options.Method);
        if (method == "fbi" || (method is null && Level == Level.Fbi))
            stages.Add($"fold-fbi{{fidelity={Fidelity}}}");
        else if (method is null && Level == Level.Float)
            diagnostics.Add(CommandDiagnostics.Advice, "the checkpoint is in full precision and is stored as it is", Place.None, "--method makes it low-bit: gptq and billm with --calibration TEXT, rtn, xnor, onebit and ternary without");
        if (method is not (null or "fbi" or "none"))
            stages.Add(MethodOptions() is { Count: > 0 } given ? $"{method}{{{string.Join(", ", given)}}}" : method);
        if (options.Embedding is { } encoding)
            stages.Add(encoding == "f16" ? "quantize-embedding{bits=16}" : $"quantize-embedding{{bits={encoding[1..]}}}");
        if (Level != Level.Packed)
            stages.Add("pack");
        return string.Join(" | ", stages);
    }

    /// <summary>The options of a post-training pass as pipeline text; what the pass does not know is found when that is read.</summary>
    private List<string> MethodOptions()
    {
        var found = new List<string>();
        foreach (var (name, texts) in ((string, IReadOnlyList<string>)[])[("keep", options.Keep), ("rules", options.Rules)])
        {
            if (texts.Count > 0)
                found.Add($"{name}=[{string.Join(", ", texts.Select(TextEscapes.Quote))}]");
        }

        if (options.Compat is { } script)
            found.Add($"compat={script}");
        if (!options.TrueSequential)
            found.Add("true_sequential=false");
        return found;
    }

    /// <summary>True, with an error, where a fidelity was asked for and a stage of the pipeline says otherwise.</summary>
    private bool HasOtherFidelity(PassPipeline stages)
    {
        if (load.Fidelity is not { } wanted || stages.Stages.FirstOrDefault(stage => stage.Options.Values.Any(pair => pair.Key == "fidelity" && pair.Value.ToString() != wanted)) is not { } other)
            return false;
        diagnostics.Add(CommandDiagnostics.Conflict, $"--fidelity says {wanted}, the pipeline says {other}", Place.None, $"write {other.Pass.Info.Name}{{fidelity={wanted}}}");
        return true;
    }

    private bool EndsPacked(PassPipeline stages)
    {
        if (PassManager.CheckLevels(stages, Level, PassTable.All, diagnostics) is not { } level)
            return false;
        if (level != Level.Packed)
            diagnostics.Add(PipelineDiagnostics.FinalLevel, $"a .bimb file holds level packed, but the pipeline ends at level {level.Name()}", new Place("pipeline"), "end it with pack");
        else if (stages.Stages.Length == 0)
            diagnostics.Add(CommandDiagnostics.WrongModel, "expected a checkpoint, found a .bimb file, which is converted already", Place.OfFile(model.Path), "convert the checkpoint that it was made from, or recode its embedding with --embedding");
        return level == Level.Packed && stages.Stages.Length > 0;
    }
}
