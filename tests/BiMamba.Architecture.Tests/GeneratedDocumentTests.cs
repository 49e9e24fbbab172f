using BiMamba.Architecture.Tests.Documents;
using BiMamba.Testing;

namespace BiMamba.Architecture.Tests;

/// <summary>docs/ follows the tables.</summary>
public sealed class GeneratedDocumentTests
{
    [Fact]
    public void Diagnostics() => Golden.Match(Document("diagnostics.md"), DiagnosticsDocument.Write());

    [Fact]
    public void Ops() => Golden.Match(Document("ops.md"), OpsDocument.Write());

    [Fact]
    public void Passes() => Golden.Match(Document("passes.md"), PassesDocument.Write());

    private static string Document(string name) => Path.Combine(Repository.Root, "docs", name);
}
