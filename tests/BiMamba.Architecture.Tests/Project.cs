using System.Xml.Linq;
using BiMamba.Testing;

namespace BiMamba.Architecture.Tests;

/// <summary>A project file of the repository.</summary>
/// <param name="Path">Path of the project file from the root, with <c>/</c>.</param>
/// <param name="References">Paths of the projects that it names.</param>
/// <param name="AssemblyName">Name of its assembly.</param>
internal sealed record Project(string Path, IReadOnlyList<string> References, string AssemblyName)
{
    private static readonly string[] Folders = ["src", "passes", "formats", "tests"];

    /// <summary>The folder, as the table of references names it.</summary>
    public string Folder => Path[..Path.LastIndexOf('/')];

    public bool IsTest => Path.StartsWith("tests/", StringComparison.Ordinal);

    /// <summary>All projects, in ordinal order of their paths.</summary>
    public static IReadOnlyList<Project> All() =>
        [.. Folders.SelectMany(folder => Directory.EnumerateFiles(System.IO.Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(Read).OrderBy(project => project.Path, StringComparer.Ordinal)];

    private static Project Read(string file)
    {
        var folder = System.IO.Path.GetDirectoryName(file)!;
        var document = XDocument.Load(file);
        return new Project(
            FromRoot(file),
            [.. document.Descendants("ProjectReference").Select(element => FromRoot(System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, element.Attribute("Include")!.Value.Replace('\\', '/')))))],
            document.Descendants("AssemblyName").FirstOrDefault()?.Value ?? System.IO.Path.GetFileNameWithoutExtension(file));
    }

    private static string FromRoot(string file) => System.IO.Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');
}
