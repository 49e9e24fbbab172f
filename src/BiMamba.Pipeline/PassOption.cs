using System.Collections.Immutable;

namespace BiMamba.Pipeline;

/// <summary>One option of a pass.</summary>
/// <param name="Name">The key in pipeline text.</param>
/// <param name="Default">The value where the text gives none; its kind is the option's kind.</param>
/// <param name="Summary">What it does, with its unit.</param>
public sealed record PassOption(string Name, OptionValue Default, string Summary)
{
    /// <summary>The words or numbers that are allowed, as canonical text; empty allows every value of the kind.</summary>
    public ImmutableArray<string> Allowed { get; init; } = [];

    /// <summary>The smallest number that is allowed.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>The largest number that is allowed.</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>Why a value does not fit, or null where it does. A whole number fits a float option.</summary>
    public string? Reject(OptionValue value)
    {
        if (value.Kind != Default.Kind && !(Default.Kind == OptionKind.Float && value.Kind == OptionKind.Int))
            return $"expected a value of kind {Default.Kind.ToString().ToLowerInvariant()}, found {value}";
        if (!Allowed.IsEmpty && !Allowed.Contains(value.ToString()))
            return $"expected one of {string.Join(", ", Allowed)}, found {value}";
        double? number = value switch
        {
            OptionValue.Int i => i.Value,
            OptionValue.Float f => f.Value,
            _ => null,
        };
        return number is { } n && !(n >= Min && n <= Max) ? $"expected a number from {Min:R} to {Max:R}, found {value}" : null;
    }
}
