namespace BiMamba.Pipeline;

/// <summary>A pass with its options, as it stands in a pipeline.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Options">Every option with its value.</param>
public sealed record Stage(Pass Pass, PassOptions Options)
{
    /// <summary>The canonical text: the name and all options, defaults included.</summary>
    public override string ToString() => Options.Values.IsEmpty
        ? Pass.Info.Name
        : $"{Pass.Info.Name}{{{string.Join(", ", Options.Values.Select(pair => $"{pair.Key}={pair.Value}"))}}}";
}
