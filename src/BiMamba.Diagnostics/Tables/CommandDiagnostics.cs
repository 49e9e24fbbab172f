namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM70xx: what the command line finds wrong with a request.</summary>
public static class CommandDiagnostics
{
    /// <summary>The command line cannot be parsed.</summary>
    public static readonly DiagnosticDescriptor Usage =
        DiagnosticDescriptor.Error("BIM7001", ExitCode.Usage, "The command line cannot be parsed.");

    /// <summary>Two options contradict each other.</summary>
    public static readonly DiagnosticDescriptor Conflict =
        DiagnosticDescriptor.Error("BIM7002", ExitCode.Usage, "Two options contradict each other.");

    /// <summary>The work would need more memory than it may.</summary>
    public static readonly DiagnosticDescriptor Memory =
        DiagnosticDescriptor.Error("BIM7003", ExitCode.NotEnough, "The work would need more memory than --max-memory allows.");

    /// <summary>The kind of model does not suit the command.</summary>
    public static readonly DiagnosticDescriptor WrongModel =
        DiagnosticDescriptor.Error("BIM7004", ExitCode.Usage, "The command does not apply to this kind of model.");

    /// <summary>What would suit the model better.</summary>
    public static readonly DiagnosticDescriptor Advice =
        DiagnosticDescriptor.Note("BIM7005", "Another option may be what is wanted.");

    /// <summary>A bisection found what moves the logits.</summary>
    public static readonly DiagnosticDescriptor LeavesTolerance =
        DiagnosticDescriptor.Error("BIM7006", ExitCode.QualityGate, "A stage of a pipeline moves logits out of the tolerance.");

    /// <summary>A recipe's calibration is malformed.</summary>
    public static readonly DiagnosticDescriptor CalibrationRecord =
        DiagnosticDescriptor.Warning("BIM7007", "What a recipe says of a calibration cannot be read, so that no text is compared with it.");

    /// <summary>No choice of precisions is as small as wanted.</summary>
    public static readonly DiagnosticDescriptor TooSmall =
        DiagnosticDescriptor.Error("BIM7008", ExitCode.Usage, "No choice of precisions is as small as the target.");

    /// <summary>A file of sensitivities cannot be used.</summary>
    public static readonly DiagnosticDescriptor SensitivityFile =
        DiagnosticDescriptor.Error("BIM7009", ExitCode.Malformed, "A file of sensitivities cannot be read as such.");

    /// <summary>A result of a card cannot be read.</summary>
    public static readonly DiagnosticDescriptor CardResult =
        DiagnosticDescriptor.Error("BIM7020", ExitCode.Malformed, "A file for a model card holds no result that the toolchain writes, or none of the model.");

    /// <summary>A result of a card is of another model.</summary>
    public static readonly DiagnosticDescriptor CardMismatch =
        DiagnosticDescriptor.Error("BIM7021", ExitCode.Usage, "A result for a model card was measured with another tokenizer than the model's.");

    /// <summary>A result of a card names another file.</summary>
    public static readonly DiagnosticDescriptor CardOtherName =
        DiagnosticDescriptor.Warning("BIM7022", "A result for a model card names another file than the model's.");

    /// <summary>A recipe does not tell how to make a file again.</summary>
    public static readonly DiagnosticDescriptor Recipe =
        DiagnosticDescriptor.Error("BIM7030", ExitCode.Unsupported, "The recipe of a file does not say how the file is made again.");

    /// <summary>An input of a recipe is not given.</summary>
    public static readonly DiagnosticDescriptor RecipeInput =
        DiagnosticDescriptor.Error("BIM7031", ExitCode.InputMissing, "An input that a recipe names is not there.");

    /// <summary>An input of a recipe is another.</summary>
    public static readonly DiagnosticDescriptor RecipeInputDiffers =
        DiagnosticDescriptor.Error("BIM7032", ExitCode.VerificationFailed, "An input has another SHA-256 than the recipe says.");

    /// <summary>A file is not what its recipe gives.</summary>
    public static readonly DiagnosticDescriptor RebuiltDiffers =
        DiagnosticDescriptor.Error("BIM7033", ExitCode.VerificationFailed, "A file is not what its recipe and its inputs give.");

    /// <summary>A file was made by another version.</summary>
    public static readonly DiagnosticDescriptor OtherVersion =
        DiagnosticDescriptor.Note("BIM7034", "A file that is made again was made by another version of the toolchain.");
}
