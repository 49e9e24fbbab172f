namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM13xx: configurations, tensor names and shapes of checkpoints.</summary>
public static class FrontendDiagnostics
{
    /// <summary>No configuration lies beside the weights.</summary>
    public static readonly DiagnosticDescriptor ConfigMissing =
        DiagnosticDescriptor.Error("BIM1301", ExitCode.InputMissing, "A checkpoint has no configuration file.");

    /// <summary>The configuration is not a JSON object of sensible size and depth.</summary>
    public static readonly DiagnosticDescriptor ConfigSyntax =
        DiagnosticDescriptor.Error("BIM1302", ExitCode.Malformed, "A configuration is not a JSON object, or is too large or too deep.");

    /// <summary>A key of the configuration has a value of another type or outside its range.</summary>
    public static readonly DiagnosticDescriptor ConfigValue =
        DiagnosticDescriptor.Error("BIM1303", ExitCode.Malformed, "A key of a configuration has a value that it cannot have.");

    /// <summary>The configuration contradicts the tensors.</summary>
    public static readonly DiagnosticDescriptor ConfigMismatch =
        DiagnosticDescriptor.Error("BIM1304", ExitCode.Malformed, "A key of a configuration contradicts the tensors.");

    /// <summary>A tensor is missing.</summary>
    public static readonly DiagnosticDescriptor MissingTensor =
        DiagnosticDescriptor.Error("BIM1305", ExitCode.Malformed, "A checkpoint lacks a tensor that its architecture needs.");

    /// <summary>A tensor has no place in the model.</summary>
    public static readonly DiagnosticDescriptor UnknownTensor =
        DiagnosticDescriptor.Error("BIM1306", ExitCode.Malformed, "A checkpoint holds a tensor that its architecture does not have.");

    /// <summary>A tensor has another shape.</summary>
    public static readonly DiagnosticDescriptor TensorShape =
        DiagnosticDescriptor.Error("BIM1307", ExitCode.Malformed, "The shape of a tensor does not fit the other tensors.");

    /// <summary>A weight is not stored in floating point.</summary>
    public static readonly DiagnosticDescriptor TensorType =
        DiagnosticDescriptor.Error("BIM1308", ExitCode.Malformed, "A weight is not stored in a floating-point type.");

    /// <summary>The weights are quantized already.</summary>
    public static readonly DiagnosticDescriptor AlreadyQuantized =
        DiagnosticDescriptor.Error("BIM1309", ExitCode.Unsupported, "A checkpoint is quantized already by another tool.");

    /// <summary>The architecture is not one of the supported ones.</summary>
    public static readonly DiagnosticDescriptor UnknownArchitecture =
        DiagnosticDescriptor.Error("BIM1310", ExitCode.Unsupported, "A checkpoint is of an architecture that is not supported.");

    /// <summary>The model has attention layers.</summary>
    public static readonly DiagnosticDescriptor AttentionLayers =
        DiagnosticDescriptor.Error("BIM1311", ExitCode.Unsupported, "A model has attention layers.");

    /// <summary>The model has MLP layers.</summary>
    public static readonly DiagnosticDescriptor MlpLayers =
        DiagnosticDescriptor.Error("BIM1312", ExitCode.Unsupported, "A model has MLP layers.");

    /// <summary>The model has LayerNorm instead of RMSNorm, or no gated norm.</summary>
    public static readonly DiagnosticDescriptor OtherNorm =
        DiagnosticDescriptor.Error("BIM1313", ExitCode.Unsupported, "A model has norms other than RMSNorm.");

    /// <summary>The model has another activation than SiLU.</summary>
    public static readonly DiagnosticDescriptor OtherActivation =
        DiagnosticDescriptor.Error("BIM1314", ExitCode.Unsupported, "A model has an activation other than SiLU.");

    /// <summary>Only one of scale and shift of an FBI-Linear is there.</summary>
    public static readonly DiagnosticDescriptor HalfFbi =
        DiagnosticDescriptor.Error("BIM1315", ExitCode.Malformed, "A binarized projection has a scale without a shift, or a shift without a scale.");

    /// <summary>Layers are missing between the first and the last.</summary>
    public static readonly DiagnosticDescriptor LayerGap =
        DiagnosticDescriptor.Error("BIM1316", ExitCode.Malformed, "The layers of a checkpoint are not numbered from 0 without gaps.");

    /// <summary>The vocabulary and the rows of the embedding do not fit.</summary>
    public static readonly DiagnosticDescriptor Vocabulary =
        DiagnosticDescriptor.Error("BIM1317", ExitCode.Malformed, "The vocabulary size of a configuration does not fit the rows of the embedding.");

    /// <summary>The asked norm group size does not fit the model.</summary>
    public static readonly DiagnosticDescriptor NormGroupOption =
        DiagnosticDescriptor.Error("BIM1318", ExitCode.Usage, "The option --norm-group-size does not fit the model.");

    /// <summary>The asked fidelity is unknown.</summary>
    public static readonly DiagnosticDescriptor FidelityOption =
        DiagnosticDescriptor.Error("BIM1319", ExitCode.Usage, "The option --fidelity has an unknown value.");

    /// <summary>Two tensors have the same role.</summary>
    public static readonly DiagnosticDescriptor SameRole =
        DiagnosticDescriptor.Error("BIM1320", ExitCode.Malformed, "Two tensors of a checkpoint have the same role.");

    /// <summary>The gated norm of a Hugging Face model with several groups spans whole rows.</summary>
    public static readonly DiagnosticDescriptor WholeRowNorm =
        DiagnosticDescriptor.Warning("BIM1321", "A Hugging Face Mamba-2 model with several groups normalizes whole rows; the same weights in the state-spaces layout are normalized by group.");

    /// <summary>The head differs from the embedding although the configuration ties them.</summary>
    public static readonly DiagnosticDescriptor HeadNotTied =
        DiagnosticDescriptor.Warning("BIM1322", "A configuration ties head and embedding, but the checkpoint stores a head of its own.");

    /// <summary>A configuration asks for the norm before the gate where the layout never does that.</summary>
    public static readonly DiagnosticDescriptor NormBeforeGateIgnored =
        DiagnosticDescriptor.Note("BIM1323", "A Hugging Face configuration asks for the norm before the gate, which that layout does not compute.");
}
