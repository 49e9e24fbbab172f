using System.Collections.Immutable;
using System.Globalization;

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

    /// <summary>What every element of a list must be; null allows any. Its default names the kind and is never used.</summary>
    public PassOption? Element { get; init; }

    /// <summary>The number of elements of a list, or null where it is free.</summary>
    public int? Length { get; init; }

    /// <summary>True where the option is about the stage as a whole, so that rules for single weights cannot set it.</summary>
    public bool IsOfStage { get; init; }

    /// <summary>The kind in words, with that of the elements: <c>text</c>, <c>list of texts</c>, <c>list of lists of 2 texts</c>.</summary>
    public string KindText => KindIn("", "");

    /// <summary>Why a value does not fit, or null where it does. A whole number fits a float option.</summary>
    public string? Reject(OptionValue value)
    {
        if (value is OptionValue.List list && Default.Kind == OptionKind.List)
            return RejectElements(list);
        if (value.Kind != Default.Kind && !(Default.Kind == OptionKind.Float && value.Kind == OptionKind.Int))
            return $"expected a value of kind {KindText}, found {value}";
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

    private string? RejectElements(OptionValue.List list)
    {
        if (Length is { } length && list.Values.Count != length)
            return string.Create(CultureInfo.InvariantCulture, $"expected {length} elements, found {list}");
        foreach (var (index, value) in list.Values.Index())
        {
            if (Element?.Reject(value) is { } reason)
                return string.Create(CultureInfo.InvariantCulture, $"element {index + 1}: {reason}");
        }

        return null;
    }

    private string KindIn(string count, string plural)
    {
        var kind = count + Default.Kind.ToString().ToLowerInvariant() + plural;
        return Element is null ? kind : $"{kind} of {Element.KindIn(Length is { } length ? string.Create(CultureInfo.InvariantCulture, $"{length} ") : "", "s")}";
    }
}
