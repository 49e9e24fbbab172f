using System.Text.RegularExpressions;
using BiMamba.Testing;

namespace BiMamba.FileTests.Coverage;

/// <summary>Every file under golden/ belongs to exactly one suite, which reads it.</summary>
public sealed class OwnerTests
{
    /// <summary>Who reads what. A suite that enumerates its folder needs no list; the others check that the folder holds their files and no more.</summary>
    private static readonly Owner[] Owners =
    [
        new(@"api/[^/]+\.verified\.txt", "tests/BiMamba.Architecture.Tests/Packages/PublicApiTests.cs", "Repository.Golden(\"api\""),
        new(@"cli/.+\.case", "tests/BiMamba.FileTests/Cases/CaseTests.cs", "*.case"),
        new(@"compare/sample\.verified\.(txt|md|html)", "tests/BiMamba.Comparison.Tests/Reports/RenderTests.cs", "sample.verified"),
        new(@"compare/tiny\.json", "tests/BiMamba.Comparison.Tests/RunFileTests.cs", "\"compare\", \"tiny.json\""),
        new(@"format/bad/.+\.case", "tests/BiMamba.FileTests/Cases/CaseTests.cs", "*.case"),
        new(@"format/good/.+\.case", "tests/BiMamba.FileTests/Cases/CaseTests.cs", "*.case"),
        new(@"format/bad/[^/]+\.spec", "tests/BiMamba.Spec.Tests/FormatSnapshotTests.cs", "\"format\", \"bad\""),
        new(@"format/good/[^/]+\.verified\.(txt|hex)", "tests/BiMamba.Spec.Tests/FormatSnapshotTests.cs", "\"format\", \"good\""),
        new(@"ir/import/[^/]+\.verified\.bmir", "tests/BiMamba.Frontend.Tests/SharedModelTests.cs", "Every_golden_file_is_of_an_import"),
        new(@"ir/print/[^/]+\.verified\.bmir", "tests/BiMamba.IR.Tests/Ir/PrinterTests.cs", "\"ir\", \"print\""),
        new(@"ir/roundtrip/[^/]+\.bmir", "tests/BiMamba.FileTests/Ir/IrGoldenTests.cs", "\"ir\", \"roundtrip\""),
        new(@"ir/verifier/[^/]+\.bmir", "tests/BiMamba.FileTests/Ir/IrGoldenTests.cs", "\"ir\", \"verifier\""),
        new(@"ir/passes/[^/]+\.bmir", "tests/BiMamba.FileTests/Ir/IrGoldenTests.cs", "\"ir\", \"passes\""),
        new(@"ir/run/[^/]+\.bmir", "tests/BiMamba.FileTests/Ir/IrGoldenTests.cs", "\"ir\", \"run\""),
        new(@"models/tiny-(bimamba-official|mamba2-hf)(/[^/]+|\.logits\.safetensors)", "tests/BiMamba.Models.Tests/Models.cs", "Repository.Golden(\"models\""),
        new(@"README\.md", "tests/BiMamba.FileTests/Cases/CaseFormTests.cs", "README.md"),
        new(@"models/README\.md", "tests/BiMamba.FileTests/Coverage/OwnerTests.cs", "Repository.Golden(\"models\", \"README.md\")"),
        new(@"text/[^/]+\.pipeline", "tests/BiMamba.FileTests/Text/TextGoldenTests.cs", ".pipeline"),
        new(@"text/[^/]+\.spec", "tests/BiMamba.FileTests/Text/TextGoldenTests.cs", ".spec"),
        new(@"text/held-64k\.txt", "tests/BiMamba.CommandLine.Tests/Workplace.cs", "held-64k.txt"),
        new(@"text/tasks/[^/]+\.jsonl", "tests/BiMamba.Evaluation.Tests/TaskGoldenTests.cs", "\"text\", \"tasks\""),
    ];

    [Fact]
    public void Every_golden_file_has_one_owner()
    {
        var files = Tracked.Files().Where(file => file.StartsWith("golden/", StringComparison.Ordinal)).Select(file => file["golden/".Length..]).ToArray();
        Assert.NotEmpty(files);
        Offenders.None(files.Where(file => Owners.Count(owner => owner.Owns(file)) != 1));
        Offenders.None(Owners.Where(owner => !files.Any(owner.Owns)).Select(owner => owner.Files));
    }

    [Fact]
    public void Every_owner_reads_its_files() => Assert.All(
        Owners,
        owner => Assert.Contains(owner.Mention, File.ReadAllText(Path.Combine(Repository.Root, owner.Suite)), StringComparison.Ordinal));

    [Fact]
    public void The_page_of_the_models_names_each_of_them()
    {
        var page = File.ReadAllText(Repository.Golden("models", "README.md"));
        Assert.All(Directory.GetDirectories(Repository.Golden("models")), folder => Assert.Contains($"`{Path.GetFileName(folder)}`", page, StringComparison.Ordinal));
    }

    /// <param name="Files">A pattern of the whole path below golden/.</param>
    /// <param name="Suite">The file of the tests that read them.</param>
    /// <param name="Mention">What that file says of them.</param>
    private sealed record Owner(string Files, string Suite, string Mention)
    {
        /// <summary>True for a file of this owner.</summary>
        public bool Owns(string file) => Regex.IsMatch(file, $"^(?:{Files})$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    }
}
