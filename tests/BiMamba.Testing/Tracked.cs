using System.Diagnostics;

namespace BiMamba.Testing;

/// <summary>The files of the repository that git knows.</summary>
public static class Tracked
{
    private static readonly Lazy<IReadOnlyList<string>> Listed = new(List);

    /// <summary>Paths from the root of all tracked files that exist; skips the test outside a clone, never in CI.</summary>
    public static IReadOnlyList<string> Files()
    {
        if (Path.Exists(Path.Combine(Repository.Root, ".git")))
            return Listed.Value;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail("CI runs in a clone of the repository");
        Assert.Skip("needs a clone of the repository");
        return [];
    }

    /// <summary>Tracked C# files.</summary>
    public static IEnumerable<string> Sources() => Files().Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>The text of a file.</summary>
    public static string Text(string file) => File.ReadAllText(FullPath(file));

    /// <summary>The full path of a file.</summary>
    public static string FullPath(string file) => Path.Combine(Repository.Root, file);

    private static IReadOnlyList<string> List()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Repository.Root, "ls-files", "-z"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(FullPath(file)))];
    }
}
