using System.Reflection;
using BiMamba.Testing;

namespace BiMamba.Architecture.Tests.Packages;

/// <summary>What each library package offers is written down: a change of it is seen in a review.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Libraries => [.. Package.Libraries().Select(package => package.Id)];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_surface_of_a_library_is_that_of_its_baseline(string id) =>
        Golden.Match(Repository.Golden("api", $"{id}.verified.txt"), PublicApi.Print(Assembly.Load(id)));

    [Fact]
    public void Every_baseline_is_of_a_library() => Assert.Equal(
        Package.Libraries().Select(package => $"{package.Id}.verified.txt"),
        Directory.GetFiles(Repository.Golden("api"), "*.verified.txt").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    [Fact]
    public void Members_are_printed_as_they_are_declared()
    {
        var blocks = PublicApi.Print(typeof(PublicApiTests).Assembly).Split("\n\n");
        var expected = """
            sealed record ApiSample : IDisposable
                ApiSample(string? Text, params IReadOnlyList<string?> Rest)
                IReadOnlyList<string?> Rest { get; init; }
                string? Text { get; init; }
                static Dictionary<string, int[]?>? Find<T>(T value, out string? found, int? limit = null) where T : unmanaged
                void Dispose()
            """;
        Assert.Equal(expected.ReplaceLineEndings("\n"), blocks.Single(block => block.StartsWith("sealed record ApiSample", StringComparison.Ordinal)).TrimEnd());
    }
}

/// <summary>A type whose declaration the test knows.</summary>
public sealed record ApiSample(string? Text, params IReadOnlyList<string?> Rest) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>A member with marks in all places.</summary>
    public static Dictionary<string, int[]?>? Find<T>(T value, out string? found, int? limit = null)
        where T : unmanaged
    {
        found = limit is null ? null : "";
        return limit is null ? null : new Dictionary<string, int[]?>(StringComparer.Ordinal) { [$"{value}"] = null };
    }
}
