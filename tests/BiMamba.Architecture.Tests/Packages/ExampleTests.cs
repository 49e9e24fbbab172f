using BiMamba.Testing;

namespace BiMamba.Architecture.Tests.Packages;

/// <summary>The examples of the packages are compiled, and do what they say.</summary>
public sealed class ExampleTests
{
    private const string Fence = "```csharp\n";

    /// <summary>Checkpoints that examples read, relative to golden/models.</summary>
    public static string Torch { get; } = Repository.Golden("models", "tiny-bimamba-official", "pytorch_model.bin");

    /// <summary>One shard of a checkpoint.</summary>
    public static string Shard { get; } = Directory.GetFiles(Repository.Golden("models", "tiny-mamba2-hf"), "*.safetensors").Order(StringComparer.Ordinal).First();

    public static TheoryData<string> Readmes => [.. Package.Libraries().Select(package => package.Id)];

    /// <summary>The example of a package: the file that is compiled here.</summary>
    public static string FileOf(string id) =>
        Path.Combine(Repository.Root, "tests", "BiMamba.Architecture.Tests", "Packages", "Examples", $"{id.Split('.')[^1]}Example.cs");

    [Theory]
    [MemberData(nameof(Readmes))]
    public void The_code_of_a_readme_is_the_compiled_example(string id)
    {
        var text = File.ReadAllText(Package.All().Single(package => package.Id == id).Readme).ReplaceLineEndings("\n");
        Assert.StartsWith($"# {id}\n", text, StringComparison.Ordinal);
        var parts = text.Split(Fence);
        if (id.StartsWith("BiMamba.Formats.", StringComparison.Ordinal) && id != "BiMamba.Formats.Spec")
            Assert.Equal(File.ReadAllText(FileOf(id)).ReplaceLineEndings("\n"), Assert.Single(parts[1..]).Split("```")[0]);
        else
            Assert.Single(parts);
    }

    [Fact]
    public void Tensors_of_a_shard_are_listed()
    {
        var lines = Lines(output => SafetensorsExample.Print(Shard, output));
        Assert.Matches(@"^backbone\.\S+: (f|bf)\d+\[\d+", lines[0]);
        Assert.Matches(@"^sum of the first: -?\d", lines[^1]);
    }

    [Fact]
    public void Tensors_of_a_torch_file_are_listed()
    {
        var lines = Lines(output => TorchPickleExample.Print(Torch, output));
        Assert.Contains(lines, line => line.StartsWith("backbone.layers.0.mixer.in_proj.weight: ", StringComparison.Ordinal));
        Assert.Matches(@"^sum of the first: -?\d", lines[^1]);
    }

    [Fact]
    public void A_file_that_is_none_is_a_line_of_the_example()
    {
        Assert.StartsWith("error BIM1", Assert.Single(Lines(output => SafetensorsExample.Print(Torch, output))), StringComparison.Ordinal);
        Assert.StartsWith("error BIM1", Assert.Single(Lines(output => TorchPickleExample.Print(Shard, output))), StringComparison.Ordinal);
        Assert.StartsWith("error BIM", Lines(output => BimbExample.Print(Shard, output))[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_gguf_file_is_written_and_read()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(["architecture mamba2", "blk.0.weight: q8_0[2,32], element 32 is 0.50"], Lines(output => GgufExample.Write(folder["new.gguf"], output)));
        Assert.StartsWith("error BIM6001", Lines(output => GgufExample.Write(folder["new.gguf"], output))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tensors_of_a_bimb_file_are_listed()
    {
        using var folder = new TemporaryFolder();
        await Command.RunDotnet(folder.Path, Path.Combine(AppContext.BaseDirectory, "bimambac.dll"), "convert", Path.GetDirectoryName(Torch)!, "-o", "tiny.bimb");
        var lines = Lines(output => BimbExample.Print(folder["tiny.bimb"], output));
        Assert.Contains(lines, line => line.Contains(": sign1[", StringComparison.Ordinal));
        Assert.Matches(@"^sum of the first in f32: -?\d", lines[^1]);
    }

    private static string[] Lines(Action<TextWriter> example)
    {
        using var output = new StringWriter { NewLine = "\n" };
        example(output);
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
