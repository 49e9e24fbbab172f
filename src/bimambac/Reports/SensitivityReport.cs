using System.Globalization;
using BiMamba.CommandLine.Console;

namespace BiMamba.CommandLine.Reports;

/// <summary>What sensitivity says: parts in the order of the model, the precisions of each from the smallest.</summary>
internal sealed class SensitivityReport(TextWriter writer)
{
    /// <summary>The result as text.</summary>
    public void Write(SensitivityJson result)
    {
        var reference = result.Reference;
        Line($"{result.Method}: one part alone, KL(full precision || low-bit) in nats a token");
        var table = new TextTable("part", "bits", "weights", "KL", "standard error", "perplexity ratio", "same top token", "bits a weight", "bytes saved");
        foreach (var part in result.Parts)
        {
            foreach (var choice in part.Choices)
            {
                table.Add(
                    part.Part, Number(choice.Bits), Number(part.Weights), Short(choice.Kl), Short(choice.KlStandardError), Number(choice.PerplexityRatio, "0.000000"),
                    Number(100 * choice.TopAgreement, "0.00") + " %", Number(choice.BitsPerWeight, "0.000"), Number(choice.SavedBytes));
            }
        }

        table.Write(writer);
        Line($"full precision: perplexity {reference.Perplexity:0.000000}; {reference.Corpus}, context {reference.Context}, {reference.Windows} window{(reference.Windows == 1 ? "" : "s")}");
        if (result.Allocation is not { } allocation)
            return;
        writer.WriteLine();
        Write(writer.WriteLine, allocation);
        writer.WriteLine($"rules: [{string.Join(", ", allocation.Rules.Select(rule => $"\"{rule}\""))}]");
    }

    /// <summary>The chosen bits, in one line.</summary>
    public static void Write(Action<string> write, AllocationJson allocation) => write(string.Create(
        CultureInfo.InvariantCulture,
        $"at most {allocation.TargetBitsPerWeight:0.###} bits a weight: {string.Join(", ", allocation.Chosen.Select(chosen => $"{chosen.Part} {Number(chosen.Bits)}"))}; {allocation.BitsPerWeight:0.000} bits a weight, sum of KL {Short(allocation.Kl)}"));

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Short(double? value) => value?.ToString("0.000e+0", CultureInfo.InvariantCulture) ?? "";

    private void Line(FormattableString text) => writer.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
