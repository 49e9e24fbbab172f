using System.Collections.Immutable;
using BiMamba.IR;

namespace BiMamba.Pipeline;

/// <summary>A level that a pass takes and the level that it then gives.</summary>
public readonly record struct LevelRule(Level Takes, Level Gives)
{
    /// <summary>Takes every level and gives the same.</summary>
    public static ImmutableArray<LevelRule> Everywhere { get; } = [.. Levels.All.Select(row => new LevelRule(row.Level, row.Level))];
}

/// <summary>The descriptor of a pass: everything that pipeline text, checks and documents need.</summary>
/// <param name="Name">Kebab-case name in pipeline text.</param>
/// <param name="Summary">One sentence: what it guarantees.</param>
/// <param name="Rules">Levels that it takes and gives.</param>
/// <param name="Options">Options in canonical order.</param>
/// <param name="Example">A stage as a user would write it.</param>
public sealed record PassInfo(
    string Name,
    string Summary,
    ImmutableArray<LevelRule> Rules,
    ImmutableArray<PassOption> Options,
    string Example)
{
    /// <summary>Whether the pass reads weights.</summary>
    public WeightUse Weights { get; init; } = WeightUse.Needed;

    /// <summary>True where the pass replaces weights by others that only resemble them: its logits move by more than rounding.</summary>
    public bool IsApproximate { get; init; }

    /// <summary>Every option with its default.</summary>
    public PassOptions Defaults => new([.. Options.Select(option => KeyValuePair.Create(option.Name, option.Default))]);

    /// <summary>The level that the pass gives for a level that it takes, or null.</summary>
    public Level? Gives(Level level)
    {
        foreach (var rule in Rules)
        {
            if (rule.Takes == level)
                return rule.Gives;
        }

        return null;
    }
}
