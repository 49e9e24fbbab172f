using System.Collections.Immutable;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;

namespace BiMamba.Frontend;

/// <summary>Compares every number of a configuration with what the tensors say; reports every difference.</summary>
internal sealed class ConfigChecks(CheckpointTensors tensors, ModelConfig config, DiagnosticBag diagnostics)
{
    /// <summary>Hugging Face and GGUF files are padded to multiples up to this without saying so.</summary>
    private const int LargestPadding = 128;

    /// <summary>Runs all comparisons.</summary>
    public void Run(Dimensions d, BlockFamily family)
    {
        config.ExpectObject(ConfigKeys.Blocks);
        Number(ConfigKeys.Layers, tensors.Layers.Count);
        Number(ConfigKeys.ModelWidth, d.Model);
        Number(ConfigKeys.InnerWidth, d.Inner);
        Expand(d);
        Number(ConfigKeys.ConvWidth, d.ConvWidth);
        if (d.State > 0)
            Number(ConfigKeys.State, d.State);
        if (family == BlockFamily.Mamba2)
        {
            Number(ConfigKeys.Heads, d.Heads);
            Number(ConfigKeys.HeadWidth, d.HeadWidth);
            Groups(d.Groups);
            if (tensors.InLayers(Handles.D).FirstOrDefault() is { } skip)
                Truth(ConfigKeys.WideD, skip.Shape.Count == d.Inner && d.Inner != d.Heads);
        }
        else
        {
            Number(ConfigKeys.TimeStepRank, d.Rank, "auto");
        }

        Truth(ConfigKeys.ProjectionBias, tensors.Any(Handles.InProj + Handles.Bias) || tensors.Any(Handles.OutProj + Handles.Bias));
        Truth(ConfigKeys.ConvBias, tensors.Any(Handles.ConvBias));
        Class(family);
        Vocabulary(d, family);
    }

    private void Number(ImmutableArray<string> keys, long? expected, string? skippedWord = null)
    {
        foreach (var setting in config.Integers(keys, skippedWord: skippedWord))
        {
            if (expected is { } value && setting.Value != value)
                Mismatch(setting.Key, $"expected {value} from the tensors, found {setting.Value}");
        }
    }

    private void Truth(ImmutableArray<string> keys, bool expected)
    {
        foreach (var setting in config.Truths(keys).Where(setting => setting.Value != expected))
            Mismatch(setting.Key, expected ? "expected true from the tensors, found false" : "expected false from the tensors, found true");
    }

    // FalconMamba configurations give an expand that is not used where the inner width is given itself.
    private void Expand(Dimensions d)
    {
        if (ConfigKeys.InnerWidth.Any(config.Has) || d is not { Inner: { } inner, Model: { } model })
            return;
        foreach (var setting in config.Integers(ConfigKeys.Expand))
        {
            if (setting.Value * model != inner)
                Mismatch(setting.Key, $"expected {inner} inner features over {model} from the tensors, found {setting.Value}");
        }
    }

    // No tensor tells the groups, so the spellings of the configuration can only confirm each other.
    private void Groups(long groups)
    {
        foreach (var setting in config.Integers(ConfigKeys.Groups).Where(setting => setting.Value != groups))
            Mismatch(setting.Key, $"expected {groups} as in '{config.Integer(ConfigKeys.Groups)?.Key}', found {setting.Value}");
    }

    private void Class(BlockFamily family)
    {
        var layer = config.Word(ConfigKeys.BlockClass);
        var expected = family == BlockFamily.Mamba1 ? "Mamba1" : "Mamba2";
        if (layer is not null && layer != expected)
            Mismatch(ConfigKeys.BlockClass, $"expected {expected} from the tensors, found {layer}");
        // params.json of Codestral calls its Mamba-2 blocks mamba.
        var type = config.Word(ConfigKeys.ModelType);
        if (type is null || config.Style == ConfigStyle.Codestral)
            return;
        var typeFamily = type is "mamba" or "falcon_mamba" ? BlockFamily.Mamba1 : BlockFamily.Mamba2;
        if (typeFamily != family)
            Mismatch(ConfigKeys.ModelType, $"expected {(family == BlockFamily.Mamba1 ? "mamba or falcon_mamba" : "mamba2")} from the tensors, found {type}");
    }

    private void Vocabulary(Dimensions d, BlockFamily family)
    {
        if (d.Rows is not { } rows || config.Integer(ConfigKeys.Vocabulary) is not { } vocabulary)
            return;
        var multiple = config.Integer(ConfigKeys.VocabularyMultiple)?.Value
            ?? (config.Style is ConfigStyle.HuggingFace or ConfigStyle.Gguf ? LargestPadding : family == BlockFamily.Mamba2 ? 16 : 8);
        var largest = (vocabulary.Value + multiple - 1) / multiple * multiple;
        if (rows >= vocabulary.Value && rows <= largest)
            return;
        var place = new Place(config.File, Field: vocabulary.Key);
        diagnostics.Add(
            FrontendDiagnostics.Vocabulary,
            $"expected {vocabulary.Value} to {largest} rows (a multiple of {multiple}), found {rows} rows in '{tensors.NameOf(Handles.Embedding)}'",
            place,
            "take the configuration that belongs to the weights");
    }

    private void Mismatch(string key, string message) =>
        diagnostics.Add(FrontendDiagnostics.ConfigMismatch, message, new Place(config.File, Field: key), "take the configuration that belongs to the weights");
}
