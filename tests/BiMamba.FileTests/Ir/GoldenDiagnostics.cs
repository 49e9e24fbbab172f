using System.Globalization;
using BiMamba.Diagnostics;

namespace BiMamba.FileTests.Ir;

/// <summary>Diagnostics as lines of golden files.</summary>
internal static class GoldenDiagnostics
{
    /// <summary>Lines <c>; error: BIMnnnn 1:7: message; hint: ...</c>, one a diagnostic.</summary>
    /// <param name="diagnostics">What was reported.</param>
    /// <param name="source">The golden file's own name, which is left out of places.</param>
    public static string Lines(DiagnosticBag diagnostics, string source) =>
        string.Concat(diagnostics.Items.Select(item => $"; {Severity(item)}: {item.Id} {PlaceText(item.Place, source)}{Message(item)}\n"));

    /// <summary><c>BIMnnnn at column 7: message; hint: ...</c></summary>
    public static string InLine(Diagnostic item) => string.Create(CultureInfo.InvariantCulture, $"{item.Id} at column {item.Place.Column}: {Message(item)}");

    /// <summary>The message without the excerpt of the source, with its hint.</summary>
    private static string Message(Diagnostic item) => item.Message.Split('\n')[0] + (item.Hint is null ? "" : "; hint: " + item.Hint);

    private static string Severity(Diagnostic item) => item.Severity.ToString().ToLowerInvariant();

    private static string PlaceText(Place place, string source)
    {
        var text = (place.File == source ? place with { File = null } : place).ToString().TrimStart(':');
        return text.Length == 0 ? "" : text + ": ";
    }
}
