using BiMamba.Testing;

namespace BiMamba.Toolchain.Tests;

/// <summary>The program of the document is compiled, runs, and is short.</summary>
[Collection(nameof(TenLinesTests))]
public sealed class TenLinesTests : IDisposable
{
    private const string Usings = "using BiMamba.Toolchain;\n\n";
    private readonly TemporaryFolder folder = new();
    private readonly string before = Environment.CurrentDirectory;
    private readonly TextWriter console = Console.Out;

    [Fact]
    public void The_document_shows_the_program_that_runs()
    {
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "LIBRARY.md"));
        Assert.Contains($"```csharp\n{Usings}{Body()}```\n", document, StringComparison.Ordinal);
        Assert.InRange((Usings + Body()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 5, 10);
    }

    [Fact]
    public async Task The_program_runs_where_the_models_are()
    {
        foreach (var file in (string[])["models/tiny-bimamba-official/config.json", "models/tiny-bimamba-official/pytorch_model.bin", "text/held-64k.txt"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[$"golden/{file}"])!);
            File.Copy(Repository.Golden(file.Split('/')), folder[$"golden/{file}"]);
        }

        await using var output = new StringWriter { NewLine = "\n" };
        Environment.CurrentDirectory = folder.Path;
        Console.SetOut(output);
        await TenLines.Run();
        Assert.Matches(@"^3\.\d{3} 1\.\d{3}\n.+", output.ToString());
        Assert.Equal(358528, new FileInfo(folder["tiny.bimb"]).Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Console.SetOut(console);
        Environment.CurrentDirectory = before;
        folder.Dispose();
    }

    /// <summary>The lines between the braces of the method, without their indentation.</summary>
    private static string Body()
    {
        var file = Path.Combine(Repository.Root, "tests", "BiMamba.Toolchain.Tests", $"{nameof(TenLines)}.cs");
        var lines = File.ReadAllLines(file).SkipWhile(line => line != "    {").Skip(1).TakeWhile(line => line != "    }");
        return string.Concat(lines.Select(line => line[8..] + "\n"));
    }
}

/// <summary>The program uses the folder and the console of the process: nothing runs beside it.</summary>
[CollectionDefinition(nameof(TenLinesTests), DisableParallelization = true)]
public sealed class TenLinesCollection;
