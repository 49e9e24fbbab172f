using System.Collections.Immutable;
using BiMamba.Pipeline;
using BiMamba.Text;

namespace BiMamba.Passes;

/// <summary>The files <c>passes/pipelines/*.pipeline</c>, which are part of the assembly: a comment line with the summary, then the stages.</summary>
internal static class PipelineFiles
{
    private const string Extension = ".pipeline";

    /// <summary>All files, by name in ordinal order.</summary>
    public static ImmutableArray<NamedPipeline> Load() =>
    [
        .. typeof(PipelineFiles).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(Extension, StringComparison.Ordinal)).Select(Load).OrderBy(pipeline => pipeline.Name, StringComparer.Ordinal),
    ];

    private static NamedPipeline Load(string file)
    {
        using var reader = new StreamReader(typeof(PipelineFiles).Assembly.GetManifestResourceStream(file)!);
        var text = new SourceText(file, reader.ReadToEnd());
        return new NamedPipeline(file[..^Extension.Length], text.Line(1).TrimStart(';', ' '), text);
    }
}
