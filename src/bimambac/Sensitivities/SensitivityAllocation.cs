using System.Globalization;
using BiMamba.CommandLine.Reports;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Evaluation;

namespace BiMamba.CommandLine.Sensitivities;

/// <summary>Chooses the bits of every part for a size, from what they were measured to cost.</summary>
internal static class SensitivityAllocation
{
    /// <summary>The allocation; null with an error where no choice is as small as the target.</summary>
    /// <param name="parts">The parts, with at least one precision each.</param>
    /// <param name="target">Most bits a weight on average over all parts, everything beside the codes included.</param>
    /// <param name="diagnostics">Receives the error.</param>
    public static AllocationJson? Solve(IReadOnlyList<SensitivityPartJson> parts, double target, DiagnosticBag diagnostics)
    {
        var weights = parts.Sum(part => part.Weights);
        IReadOnlyList<AllocationChoice>[] choices = [.. parts.Select(part => part.Choices.Select(choice => new AllocationChoice(choice.StoredBytes, choice.Kl)).ToList())];
        // A target that is written down is rounded: less than a thousandth of a byte is no difference.
        if (BitAllocation.Solve(choices, (long)Math.Round(target * weights / 8, 3)) is not { } found)
        {
            // Rounded up, so that what is named is possible.
            var least = Math.Ceiling(8000.0 * BitAllocation.LeastBytes(choices) / weights) / 1000;
            diagnostics.Add(CommandDiagnostics.TooSmall, string.Create(CultureInfo.InvariantCulture, $"--target-bpw: expected at least {least:0.000} bits a weight, which the smallest precision of every part takes with its scales, found {target}"), Place.None, "allow fewer bits, or a larger target");
            return null;
        }

        var chosen = parts.Zip(found.Chosen, (part, index) => new ChosenBitsJson(part.Part, part.Choices[index].Bits)).ToList();
        return new AllocationJson(target, 8.0 * found.Bytes / weights, found.Cost, chosen, [.. chosen.Select(Rule).OfType<string>()]);
    }

    private static string? Rule(ChosenBitsJson chosen) =>
        chosen.Bits is { } bits ? string.Create(CultureInfo.InvariantCulture, $"{chosen.Part}:bits={bits}") : null;
}
