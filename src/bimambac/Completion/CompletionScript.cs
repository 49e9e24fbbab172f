using System.Collections.Immutable;

namespace BiMamba.CommandLine.Completion;

/// <summary>The text by which one shell completes command lines; it asks <see cref="Suggestions"/> for the words.</summary>
/// <param name="Shell">The word of the shell.</param>
/// <param name="Resource">Name of the embedded text.</param>
internal sealed record CompletionScript(string Shell, string Resource)
{
    /// <summary>All scripts.</summary>
    public static ImmutableArray<CompletionScript> All { get; } =
    [
        new("bash", "bimambac.bash"),
        new("zsh", "bimambac.zsh"),
        new("fish", "bimambac.fish"),
        new("powershell", "bimambac.ps1"),
    ];

    /// <summary>The whole text, with line feeds.</summary>
    public string Read()
    {
        using var stream = typeof(CompletionScript).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"no resource {Resource}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
