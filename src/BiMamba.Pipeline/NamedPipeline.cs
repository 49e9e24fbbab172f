using BiMamba.Text;

namespace BiMamba.Pipeline;

/// <summary>A pipeline that stages name as <c>@name</c>.</summary>
/// <param name="Name">The name, without the sigil.</param>
/// <param name="Summary">One sentence: what it is for.</param>
/// <param name="Text">The stages, which may name further pipelines.</param>
public sealed record NamedPipeline(string Name, string Summary, SourceText Text);
