using System.IO.Compression;
using System.Xml.Linq;
using BiMamba.Testing;

namespace BiMamba.Architecture.Tests.Packages;

/// <summary>All packages of the build that these tests are part of, in a folder that goes away.</summary>
public sealed class PackedFiles : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    /// <summary>The folder of the packages.</summary>
    public string Source => folder["packages"];

    /// <summary>A fresh folder for a test.</summary>
    public string this[string name] => Directory.CreateDirectory(folder[name]).FullName;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        // bin/Release/net10.0
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        await Command.RunDotnet(Repository.Root, "pack", "BiMamba.Toolchain.sln", "-c", configuration, "--no-build", "-o", Source);
        // Restores see these packages and no others but what the build has already.
        await File.WriteAllTextAsync(folder["nuget.config"], $"""<configuration><packageSources><clear /><add key="local" value="{Source}" /></packageSources></configuration>""");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The file of a package.</summary>
    public string FileOf(string id, string extension = "nupkg") =>
        Directory.GetFiles(Source, $"{id}.*.{extension}").Single(file => char.IsAsciiDigit(Path.GetFileName(file)[id.Length + 1]));

    /// <summary>Names of the entries of a package, without those of the form itself.</summary>
    public async Task<IReadOnlyList<string>> Entries(string id)
    {
        await using var archive = await ZipFile.OpenReadAsync(FileOf(id), TestContext.Current.CancellationToken);
        return [.. archive.Entries.Select(entry => entry.FullName).Where(name => !name.EndsWith(".psmdcp", StringComparison.Ordinal) && name is not ("_rels/.rels" or "[Content_Types].xml")).Order(StringComparer.Ordinal)];
    }

    /// <summary>The metadata of a package, by name; without the form's namespace.</summary>
    public async Task<XElement> Metadata(string id)
    {
        await using var archive = await ZipFile.OpenReadAsync(FileOf(id), TestContext.Current.CancellationToken);
        await using var stream = await archive.GetEntry($"{id}.nuspec")!.OpenAsync(TestContext.Current.CancellationToken);
        var root = XDocument.Load(stream).Root!;
        foreach (var element in root.DescendantsAndSelf())
            element.Name = element.Name.LocalName;
        return root.Element("metadata")!;
    }
}
