using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Tensors;

namespace BiMamba.Frontend;

/// <summary>Reads what no tensor tells: epsilons, bounds of the time step, the gated norm, the tying of the head.</summary>
internal sealed class SettingsReader(CheckpointTensors tensors, ModelConfig config, ModelIdentity identity, ImportOptions options, DiagnosticBag diagnostics)
{
    private const double DefaultEps = 1e-5;

    // What FalconMamba files without the key mean.
    private const double DefaultMixerEps = 1e-6;

    /// <summary>The settings; errors are in the bag.</summary>
    public BlockSettings Read(Dimensions dimensions, BlockFamily family)
    {
        if (!IR.Attributes.Fidelity.Words.Contains(options.Fidelity))
            diagnostics.Add(FrontendDiagnostics.FidelityOption, $"expected {string.Join(" or ", IR.Attributes.Fidelity.Words)}, found '{options.Fidelity}'", Place.None);
        return new BlockSettings
        {
            Family = family,
            Dimensions = dimensions,
            Eps = NormEps(),
            MixerEps = identity.Architecture == "falcon_mamba" ? MixerEps() : null,
            NormGroupSize = NormGroupSize(dimensions, family),
            NormBeforeGate = family == BlockFamily.Mamba2 && NormBeforeGate(),
            TimeStep = family == BlockFamily.Mamba2 ? config.Limits(ConfigKeys.TimeStepLimit) : (0, double.PositiveInfinity),
            Fidelity = options.Fidelity,
            TiedHead = TiedHead(),
        };
    }

    private double NormEps() => config.NormEpsKey is { } key ? config.Epsilon(key, DefaultEps) : DefaultEps;

    // llama.cpp takes one epsilon for all norms.
    private double MixerEps() => config.Style == ConfigStyle.Gguf ? NormEps() : config.Epsilon(ConfigKeys.MixerEps, DefaultMixerEps);

    private long NormGroupSize(Dimensions d, BlockFamily family)
    {
        if (options.NormGroupSize is { } asked)
        {
            if (family == BlockFamily.Mamba1)
                diagnostics.Add(FrontendDiagnostics.NormGroupOption, $"expected no group size, since Mamba-1 has no gated norm, found {asked}", Place.None, "leave --norm-group-size out");
            else if (asked < 1 || d.Inner % asked != 0)
                diagnostics.Add(FrontendDiagnostics.NormGroupOption, $"expected a divisor of the {d.Inner} inner features, found {asked}", Place.None);
            return asked;
        }

        if (family == BlockFamily.Mamba1 || d.Inner is not { } inner)
            return 0;
        if (!identity.IsHuggingFace)
            return inner / d.Groups;
        if (d.Groups > 1)
        {
            diagnostics.Add(
                FrontendDiagnostics.WholeRowNorm,
                $"the gated norm takes whole rows of {inner}, as transformers does, though there are {d.Groups} groups of {inner / d.Groups}",
                new Place(config.File, Field: config.Integer(ConfigKeys.Groups)?.Key),
                $"pass --norm-group-size {inner / d.Groups} if the weights come from the state-spaces code");
        }

        return inner;
    }

    // transformers computes the gate first whatever its configuration says; that of Codestral says otherwise.
    private bool NormBeforeGate()
    {
        if (config.Style != ConfigStyle.HuggingFace)
            return config.Truth(ConfigKeys.NormBeforeGate) ?? false;
        if (config.Truth(ConfigKeys.HuggingFaceNormBeforeGate) == true)
            diagnostics.Add(FrontendDiagnostics.NormBeforeGateIgnored, "found true; the norm comes after the gate, as transformers computes it", new Place(config.File, Field: ConfigKeys.HuggingFaceNormBeforeGate));
        return false;
    }

    private bool TiedHead()
    {
        if (tensors.Find(Handles.Head) is not { } head)
            return true;
        if (tensors.Find(Handles.Embedding) is not { } embedding || head.Tensor.ContentEquals(embedding.Tensor))
            return true;
        if (config.Truth(ConfigKeys.Tied) == true)
            diagnostics.Add(FrontendDiagnostics.HeadNotTied, $"expected the weights of '{embedding.Name}', found others; they are kept", head.Place);
        return false;
    }
}
