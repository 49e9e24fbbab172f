using BiMamba.Testing;

namespace BiMamba.FileTests.Cases;

/// <summary>Every case file under golden/ comes out as it stands.</summary>
public sealed class CaseTests
{
    /// <summary>Paths below golden/, with slashes.</summary>
    public static TheoryData<string> Files =>
    [
        .. Directory.EnumerateFiles(Repository.Golden(), "*.case", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".received.case", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Repository.Golden(), file).Replace(Path.DirectorySeparatorChar, '/'))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_case_comes_out_as_it_stands(string name)
    {
        var path = Repository.Golden(name.Split('/'));
        try
        {
            Golden.Match(path, await CaseRunner.Run(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)));
        }
        catch (CaseException e)
        {
            Assert.Fail($"golden/{name}:{e.Line}: {e.Message}");
        }
    }
}
