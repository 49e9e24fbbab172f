using System.Text.RegularExpressions;
using BiMamba.Testing;

namespace BiMamba.Architecture.Tests;

/// <summary>What may lie in the repository.</summary>
public sealed partial class RepositoryTests
{
    private const long MaxBytes = 5_000_000;
    private const int MaxLines = 400;

    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".sln", ".md", ".json", ".spec", ".yml", ".bmir", ".case", ".txt", ".editorconfig", ".gitattributes", ".gitignore"];

    [Fact]
    public void No_file_is_large() =>
        Offenders.None(Tracked.Files().Where(file => new FileInfo(Tracked.FullPath(file)).Length > MaxBytes));

    [Fact]
    public void No_received_golden_is_tracked() =>
        Offenders.None(Tracked.Files().Where(file => file.Contains(".received.", StringComparison.Ordinal)));

    [Fact]
    public void Every_golden_is_known_to_a_test()
    {
        var tests = Tracked.Sources().Where(file => file.StartsWith("tests/", StringComparison.Ordinal)).Select(Tracked.Text)
            .Where(text => text.Contains("Golden", StringComparison.Ordinal)).ToArray();
        var goldens = Tracked.Files().Where(file => file.StartsWith("golden/", StringComparison.Ordinal) && file.Contains(".verified.", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(goldens);
        Offenders.None(goldens.Where(golden => !tests.Any(text => Names(text, golden))));
    }

    [Fact]
    public void Nothing_is_left_to_do()
    {
        var words = string.Join('|', "TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception");
        Offenders.None(Tracked.Sources().Where(file => Regex.IsMatch(Tracked.Text(file), $@"\b({words})\b")));
    }

    [Fact]
    public void No_test_is_switched_off() =>
        Offenders.None(Tracked.Sources().Where(file => SwitchedOff().IsMatch(Tracked.Text(file))));

    [Fact]
    public void No_file_names_a_path_of_a_machine() =>
        Offenders.None(Tracked.Files()
            .Where(file => TextExtensions.Contains(Path.GetExtension(file)) && !file.StartsWith("golden/text/", StringComparison.Ordinal))
            .SelectMany(file => MachinePath().Matches(Tracked.Text(file)).Select(match => $"{file}: {match.Value}")));

    [Fact]
    public void Every_project_is_in_the_solution_and_every_entry_is_a_project()
    {
        var entries = SolutionEntry().Matches(Tracked.Text("BiMamba.Toolchain.sln")).Select(match => match.Groups["path"].Value.Replace('\\', '/'));
        Assert.Equal(Project.All().Select(project => project.Path), entries.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_source_file_is_long() =>
        Offenders.None(Tracked.Sources()
            .Select(file => (File: file, Lines: File.ReadLines(Tracked.FullPath(file)).Count())).Where(row => row.Lines > MaxLines));

    [Fact]
    public void Text_files_have_line_feeds_only_and_end_with_one() =>
        Offenders.None(Tracked.Sources().Where(file => Tracked.Text(file) is var text && (text.Contains('\r', StringComparison.Ordinal) || !text.EndsWith('\n'))));

    /// <summary>A test names a golden by its whole name or enumerates its folder.</summary>
    private static bool Names(string test, string golden)
    {
        var name = Path.GetFileName(golden);
        var folder = Path.GetFileName(Path.GetDirectoryName(golden))!;
        return test.Contains($"\"{name}\"", StringComparison.Ordinal)
            || test.Contains($"\"{name[..name.IndexOf(".verified.", StringComparison.Ordinal)]}\"", StringComparison.Ordinal)
            || (test.Contains($"\"{folder}\"", StringComparison.Ordinal) && test.Contains(".verified.", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\bSkip\s*=\s*[""@$]|\bExplicit\s*=\s*true|#if\s+false", RegexOptions.None, 10000)]
    private static partial Regex SwitchedOff();

    [GeneratedRegex(@"(?<![\w.\-/])/(work|home|root|tmp|Users)/\w[^\s""']*|\b[A-Z]:\\\w[^\s""']*", RegexOptions.ExplicitCapture, 10000)]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"""(?<path>[^""]+\.csproj)""", RegexOptions.None, 10000)]
    private static partial Regex SolutionEntry();
}
