using BiMamba.Testing;

namespace BiMamba.Architecture.Tests.Packages;

/// <summary>What is in the packages, and that others can use them.</summary>
public sealed class PackageTests(PackedFiles packed) : IClassFixture<PackedFiles>
{
    private static readonly string[] Native = [".so", ".dylib", ".a", ".exe", ".lib"];

    public static TheoryData<string> Ids => [.. Package.All().Select(package => package.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_package_says_what_it_is(string id)
    {
        var metadata = await packed.Metadata(id);
        var license = metadata.Element("license")!;
        Assert.Equal(("expression", "Apache-2.0"), (license.Attribute("type")!.Value, license.Value));
        Assert.Equal("README.md", metadata.Element("readme")!.Value);
        Assert.Contains("mamba", metadata.Element("tags")!.Value.Split(' '));
        Assert.True(metadata.Element("description")!.Value.Length > 20);
        Assert.Null(metadata.Element("projectUrl"));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_package_holds_its_files_and_no_native_ones(string id)
    {
        var entries = await packed.Entries(id);
        Assert.All(["README.md", "LICENSE", "NOTICE"], name => Assert.Contains(name, entries));
        Offenders.None(entries.Where(name => Native.Contains(Path.GetExtension(name)) || name.Contains("runtimes/", StringComparison.Ordinal)));
        if (Package.All().Single(package => package.Id == id).IsTool)
            Assert.All(["bimambac.dll", "bimambac.runtimeconfig.json", "DotnetToolSettings.xml"], name => Assert.Contains($"tools/net10.0/any/{name}", entries));
        else
            Assert.Equal([$"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"], entries.Where(name => name.StartsWith("lib/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Libraries_have_symbols() => Assert.All(Package.Libraries(), package => Assert.True(File.Exists(packed.FileOf(package.Id, "snupkg"))));

    [Fact]
    public async Task A_project_builds_and_runs_with_the_packages()
    {
        var folder = packed["consumer"];
        var libraries = Package.Libraries().Where(package => File.Exists(ExampleTests.FileOf(package.Id))).ToArray();
        foreach (var library in libraries)
            File.Copy(ExampleTests.FileOf(library.Id), Path.Combine(folder, Path.GetFileName(ExampleTests.FileOf(library.Id))));
        var version = (await packed.Metadata(libraries[0].Id)).Element("version")!.Value;
        var references = libraries.Select(library => $"""<PackageReference Include="{library.Id}" Version="{version}" />""");
        await File.WriteAllTextAsync(Path.Combine(folder, "Consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
                <RestorePackagesPath>packages</RestorePackagesPath>
                <RestoreFallbackFolders>{DownloadedPackages()}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>{string.Concat(references)}</ItemGroup>
            </Project>
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), """
            SafetensorsExample.Print(args[0], Console.Out);
            TorchPickleExample.Print(args[1], Console.Out);
            BimbExample.Print(args[1], Console.Out);
            GgufExample.Write("new.gguf", Console.Out);
            """, TestContext.Current.CancellationToken);
        await Command.RunDotnet(folder, "build", "-o", "out", "-v", "quiet");
        var output = await Command.RunDotnet(folder, Path.Combine("out", "Consumer.dll"), ExampleTests.Shard, ExampleTests.Torch);
        Assert.Equal(2, output.Split("sum of the first: ").Length - 1);
        Assert.Contains("error BIM", output, StringComparison.Ordinal);
        Assert.Contains("blk.0.weight: q8_0[2,32], element 32 is 0.50", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tool_installs_and_converts()
    {
        var folder = packed["tool"];
        await Command.RunDotnetAt(folder, folder, "tool", "install", "bimambac", "--tool-path", "tools", "--configfile", Path.Combine(packed.Source, "..", "nuget.config"));
        var tool = Path.Combine(folder, "tools", OperatingSystem.IsWindows() ? "bimambac.exe" : "bimambac");
        Assert.Matches(@"^\d+\.\d+\.\d+", await Command.RunAt(folder, tool, folder, "--version"));
        Assert.Contains("tiny.bimb: ", await Command.RunAt(folder, tool, folder, "convert", Repository.Golden("models", "tiny-bimamba-official"), "-o", "tiny.bimb"), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "tiny.bimb")));
    }

    /// <summary>Where the build has the packages of others.</summary>
    private static string DownloadedPackages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } path
        ? path
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
