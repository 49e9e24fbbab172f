namespace BiMamba.Diagnostics.Tables;

/// <summary>BIM30xx: pipeline text and the order of passes; BIM21xx: what passes report.</summary>
public static class PipelineDiagnostics
{
    /// <summary>Pipeline text does not match its grammar.</summary>
    public static readonly DiagnosticDescriptor Syntax =
        DiagnosticDescriptor.Error("BIM3001", ExitCode.Usage, "A pipeline text does not match its grammar.");

    /// <summary>No pass has this name.</summary>
    public static readonly DiagnosticDescriptor UnknownPass =
        DiagnosticDescriptor.Error("BIM3002", ExitCode.Usage, "A pipeline names a pass that does not exist.");

    /// <summary>The pass has no such option.</summary>
    public static readonly DiagnosticDescriptor UnknownOption =
        DiagnosticDescriptor.Error("BIM3003", ExitCode.Usage, "A stage sets an option that its pass does not have.");

    /// <summary>The value does not fit its option.</summary>
    public static readonly DiagnosticDescriptor OptionValue =
        DiagnosticDescriptor.Error("BIM3004", ExitCode.Usage, "An option has a value of the wrong kind or range.");

    /// <summary>An option is set twice.</summary>
    public static readonly DiagnosticDescriptor OptionTwice =
        DiagnosticDescriptor.Error("BIM3005", ExitCode.Usage, "A stage sets an option twice.");

    /// <summary>A named pipeline names itself.</summary>
    public static readonly DiagnosticDescriptor Recursion =
        DiagnosticDescriptor.Error("BIM3006", ExitCode.Usage, "A named pipeline names itself, directly or through others.");

    /// <summary>The pass cannot run at the module's level.</summary>
    public static readonly DiagnosticDescriptor LevelOrder =
        DiagnosticDescriptor.Error("BIM3007", ExitCode.Usage, "A pass stands where the module has a level that it does not take.");

    /// <summary>The pipeline does not end at the level that is needed.</summary>
    public static readonly DiagnosticDescriptor FinalLevel =
        DiagnosticDescriptor.Error("BIM3008", ExitCode.Usage, "A pipeline does not end at the level that its use needs.");

    /// <summary>The pass needs weights that are not there.</summary>
    public static readonly DiagnosticDescriptor NoWeights =
        DiagnosticDescriptor.Error("BIM3009", ExitCode.Usage, "A pass needs weights, and the module is IR text without them.");

    /// <summary>What a pass did.</summary>
    public static readonly DiagnosticDescriptor PassReport =
        DiagnosticDescriptor.Note("BIM2101", "A pass reports what it did.");

    /// <summary>A linear was left unfolded.</summary>
    public static readonly DiagnosticDescriptor Unfolded =
        DiagnosticDescriptor.Warning("BIM2102", "A linear cannot be folded exactly and keeps its column scale and shift.");

    /// <summary>Latent weights are exactly zero.</summary>
    public static readonly DiagnosticDescriptor ExactZeros =
        DiagnosticDescriptor.Note("BIM2104", "A sign plane has weights that are exactly zero; they are kept beside the plane.");

    /// <summary>A weight is not a number or infinite.</summary>
    public static readonly DiagnosticDescriptor NotFinite =
        DiagnosticDescriptor.Error("BIM2105", ExitCode.Malformed, "A weight is not a finite number.");

    /// <summary>A pass cannot represent a weight exactly.</summary>
    public static readonly DiagnosticDescriptor NotRepresentable =
        DiagnosticDescriptor.Error("BIM2106", ExitCode.Unsupported, "A pass cannot represent a weight exactly.");

    /// <summary>A weight is quantized already.</summary>
    public static readonly DiagnosticDescriptor QuantizedAlready =
        DiagnosticDescriptor.Error("BIM2107", ExitCode.Usage, "A weight has integer codes already and is not quantized twice.");

    /// <summary>Two ops were left as they are.</summary>
    public static readonly DiagnosticDescriptor Unfused =
        DiagnosticDescriptor.Warning("BIM2108", "Two ops cannot be fused exactly enough and stay two.");

    /// <summary>A pattern names nothing.</summary>
    public static readonly DiagnosticDescriptor NoMatch =
        DiagnosticDescriptor.Error("BIM2109", ExitCode.Usage, "A pattern of a pass matches no resource.");

    /// <summary>Two resources would share a name.</summary>
    public static readonly DiagnosticDescriptor NameCollision =
        DiagnosticDescriptor.Error("BIM2110", ExitCode.Usage, "Two resources would have one name.");

    /// <summary>There is no calibration data.</summary>
    public static readonly DiagnosticDescriptor NoCalibration =
        DiagnosticDescriptor.Error("BIM2112", ExitCode.Usage, "A pass needs calibration data and has none.");

    /// <summary>No token reached a linear.</summary>
    public static readonly DiagnosticDescriptor NoSamples =
        DiagnosticDescriptor.Error("BIM2113", ExitCode.NotEnough, "No calibration token reached a linear.");

    /// <summary>Calibration gave activations that are not numbers.</summary>
    public static readonly DiagnosticDescriptor ActivationsNotFinite =
        DiagnosticDescriptor.Error("BIM2114", ExitCode.Malformed, "Calibration gives activations that are not finite.");

    /// <summary>A Hessian needed more damping.</summary>
    public static readonly DiagnosticDescriptor Damping =
        DiagnosticDescriptor.Warning("BIM2115", "A Hessian is not positive definite; its damping was raised.");

    /// <summary>A Hessian cannot be factored.</summary>
    public static readonly DiagnosticDescriptor Singular =
        DiagnosticDescriptor.Error("BIM2116", ExitCode.Malformed, "A Hessian cannot be factored.");

    /// <summary>A result reproduces published behaviour that is known to be wrong.</summary>
    public static readonly DiagnosticDescriptor Compatibility =
        DiagnosticDescriptor.Warning("BIM2117", "A pass reproduces the behaviour of a published script, faults included.");

    /// <summary>A new name has more wildcards than its pattern.</summary>
    public static readonly DiagnosticDescriptor Wildcards =
        DiagnosticDescriptor.Error("BIM2111", ExitCode.Usage, "A new name takes more wildcards than its pattern has.");
}
