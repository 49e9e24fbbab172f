namespace BiMamba.Testing;

/// <summary>Where the tests find the repository's own files and the optional shared material beside it.</summary>
public static class Repository
{
    /// <summary>The repository's root folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of shared material beside the repository, or null in a plain clone.</summary>
    public static string? Shared { get; } =
        Path.Combine(Path.GetDirectoryName(Root)!, "shared") is var path && Directory.Exists(path) ? path : null;

    /// <summary>A path under golden/.</summary>
    public static string Golden(params ReadOnlySpan<string> parts) =>
        Path.Combine([Root, "golden", .. parts]);

    /// <summary>
    /// A path under the shared material. Skips the running test with a message where the material is absent; fails
    /// it where CI=true, because CI must not skip silently.
    /// </summary>
    public static string RequireShared(params ReadOnlySpan<string> parts)
    {
        var wanted = string.Join('/', parts.ToArray());
        if (Shared is not null && Path.Combine([Shared, .. parts]) is var path && Path.Exists(path))
            return path;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"shared/{wanted} is needed beside the repository when CI=true");
        Assert.Skip($"needs shared/{wanted} beside the repository");
        return null!;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "BiMamba.Toolchain.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"BiMamba.Toolchain.sln is not above {AppContext.BaseDirectory}");
    }
}
