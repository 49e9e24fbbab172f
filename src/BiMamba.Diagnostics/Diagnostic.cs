using System.Globalization;

namespace BiMamba.Diagnostics;

/// <summary>One thing to tell the user: what, where, and what to do.</summary>
/// <param name="Descriptor">The row of the tables.</param>
/// <param name="Message">This case in one sentence: expected, found.</param>
/// <param name="Place">Where.</param>
/// <param name="Hint">What to do, if there is something to do.</param>
public sealed record Diagnostic(DiagnosticDescriptor Descriptor, string Message, Place Place, string? Hint = null)
{
    /// <summary>Characters of a message that are kept: what a library says of a file can quote all of it.</summary>
    public const int MaxMessage = 2_000;

    /// <summary>This case in one sentence: expected, found. A longer one is cut, and says so.</summary>
    public string Message { get; init; } =
        Message.Length <= MaxMessage ? Message : string.Create(CultureInfo.InvariantCulture, $"{Message.AsSpan(0, MaxMessage)}... ({Message.Length} characters)");

    /// <summary>The id of the row.</summary>
    public string Id => Descriptor.Id;

    /// <summary>The severity of the row.</summary>
    public Severity Severity => Descriptor.Severity;

    /// <summary>
    /// The line that is printed: <c>error BIM1103: file: message; hint: ...</c>. Names and excerpts come from files:
    /// characters that could steer a terminal are written as \uXXXX.
    /// </summary>
    public override string ToString()
    {
        var severity = Severity switch
        {
            Severity.Error => "error",
            Severity.Warning => "warning",
            Severity.Note => "note",
            _ => throw new InvalidOperationException($"unknown severity {Severity}"),
        };
        var place = Place.ToString();
        return PrintableText.Lines($"{severity} {Id}: {(place.Length > 0 ? place + ": " : "")}{Message}{(Hint is null ? "" : "; hint: " + Hint)}");
    }
}
