using BiMamba.Testing;

namespace BiMamba.Architecture.Tests;

/// <summary>The table of references of CONTRIBUTING.md, kept by the project files.</summary>
public sealed class ReferenceTests
{
    /// <summary>What a project knows; it may also name what these know.</summary>
    private static readonly Dictionary<string, string[]> Knows = new(StringComparer.Ordinal)
    {
        ["src/BiMamba.Diagnostics"] = [],
        ["src/BiMamba.Text"] = ["src/BiMamba.Diagnostics"],
        ["src/BiMamba.Tensors"] = ["src/BiMamba.Diagnostics"],
        ["src/BiMamba.Kernels"] = [],
        ["formats/Safetensors"] = ["src/BiMamba.Tensors"],
        ["formats/TorchPickle"] = ["src/BiMamba.Tensors"],
        ["formats/Gguf"] = ["src/BiMamba.Tensors"],
        ["src/BiMamba.IR"] = ["src/BiMamba.Text", "src/BiMamba.Tensors"],
        ["formats/Spec"] = ["src/BiMamba.Text", "src/BiMamba.Tensors"],
        ["formats/Bimb"] = ["formats/Spec", "src/BiMamba.IR"],
        ["src/BiMamba.Pipeline"] = ["src/BiMamba.IR"],
        ["src/BiMamba.Weights"] = ["src/BiMamba.IR", "src/BiMamba.Kernels"],
        ["passes"] = ["src/BiMamba.Pipeline", "src/BiMamba.Weights"],
        ["src/BiMamba.Frontend"] = ["src/BiMamba.IR", "formats/Gguf", "formats/Safetensors", "formats/TorchPickle"],
        ["src/BiMamba.Runtime"] = ["src/BiMamba.Weights", "src/BiMamba.Pipeline"],
        ["src/BiMamba.Tokenizers"] = ["src/BiMamba.Diagnostics"],
        ["src/BiMamba.Evaluation"] = ["src/BiMamba.Runtime", "src/BiMamba.Tokenizers"],
        ["src/BiMamba.Comparison"] = ["src/BiMamba.Evaluation"],
        ["src/BiMamba.Bisection"] = ["src/BiMamba.Runtime"],
        ["src/BiMamba.Measurement"] = ["src/BiMamba.Runtime"],
        ["src/BiMamba.Export"] = ["src/BiMamba.Weights", "src/BiMamba.Frontend", "src/BiMamba.Tokenizers", "formats/Gguf"],
        ["src/BiMamba.Synthesis"] = ["formats/Gguf", "formats/Safetensors"],
        ["src/BiMamba.Toolchain"] = ["formats/Bimb", "passes", "src/BiMamba.Frontend", "src/BiMamba.Evaluation"],
        ["src/bimambac"] =
        [
            "src/BiMamba.Toolchain", "src/BiMamba.Comparison", "src/BiMamba.Bisection", "src/BiMamba.Measurement", "src/BiMamba.Synthesis", "src/BiMamba.Export",
        ],
    };

    private static readonly IReadOnlyList<Project> Products = [.. Project.All().Where(project => !project.IsTest)];

    public static TheoryData<string> Folders => [.. Products.Select(project => project.Folder)];

    [Fact]
    public void Every_project_has_a_row_and_every_row_a_project() =>
        Assert.Equal(Knows.Keys.Order(StringComparer.Ordinal), Products.Select(project => project.Folder));

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_project_names_only_what_it_knows(string folder)
    {
        var project = Products.Single(row => row.Folder == folder);
        var allowed = Reachable(Knows[folder], name => Knows[name]);
        Offenders.None(References(project).Except(allowed, StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_table_for_contributors_names_the_project(string folder) =>
        Assert.Contains($"`{folder}`", File.ReadAllText(Path.Combine(Repository.Root, "CONTRIBUTING.md")), StringComparison.Ordinal);

    [Fact]
    public void Passes_never_see_the_runtime() =>
        Assert.DoesNotContain("src/BiMamba.Runtime", AllReferences("passes"));

    [Theory]
    [InlineData("src/BiMamba.Kernels")]
    [InlineData("src/BiMamba.Diagnostics")]
    public void The_foundations_name_no_project(string folder) =>
        Assert.Empty(Products.Single(project => project.Folder == folder).References);

    [Theory]
    [MemberData(nameof(Folders))]
    public void No_project_reaches_itself(string folder) => Assert.DoesNotContain(folder, AllReferences(folder));

    [Fact]
    public void Every_reference_is_a_project_of_the_repository()
    {
        var all = Project.All();
        var paths = all.Select(project => project.Path).ToHashSet(StringComparer.Ordinal);
        Offenders.None(all.SelectMany(project => project.References).Where(reference => !paths.Contains(reference)));
    }

    private static HashSet<string> AllReferences(string folder) =>
        Reachable(References(Products.Single(project => project.Folder == folder)), name => References(Products.Single(project => project.Folder == name)));

    private static IEnumerable<string> References(Project project) =>
        project.References.Select(reference => reference[..reference.LastIndexOf('/')]);

    private static HashSet<string> Reachable(IEnumerable<string> start, Func<string, IEnumerable<string>> next)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(start);
        while (open.TryPop(out var name))
        {
            if (!seen.Add(name))
                continue;
            foreach (var further in next(name))
                open.Push(further);
        }

        return seen;
    }
}
