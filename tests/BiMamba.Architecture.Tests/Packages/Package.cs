using System.Xml.Linq;
using BiMamba.Testing;

namespace BiMamba.Architecture.Tests.Packages;

/// <summary>A project that is packed.</summary>
/// <param name="Id">Id of the package, which is the name of the assembly.</param>
/// <param name="Project">The project.</param>
/// <param name="IsTool">True for the command line, false for a library.</param>
internal sealed record Package(string Id, Project Project, bool IsTool)
{
    /// <summary>The README that a registry shows of the package.</summary>
    public string Readme => Path.Combine(Repository.Root, IsTool ? "" : Project.Folder, "README.md");

    /// <summary>All packages, in ordinal order of their ids.</summary>
    public static IReadOnlyList<Package> All() =>
        [.. Project.All().Select(Read).OfType<Package>().OrderBy(package => package.Id, StringComparer.Ordinal)];

    /// <summary>All packages of libraries.</summary>
    public static IEnumerable<Package> Libraries() => All().Where(package => !package.IsTool);

    private static Package? Read(Project project)
    {
        var document = XDocument.Load(Path.Combine(Repository.Root, project.Path));
        return IsTrue(document, "IsPackable") ? new Package(project.AssemblyName, project, IsTrue(document, "PackAsTool")) : null;
    }

    private static bool IsTrue(XDocument document, string name) => document.Descendants(name).Any(element => element.Value == "true");
}
