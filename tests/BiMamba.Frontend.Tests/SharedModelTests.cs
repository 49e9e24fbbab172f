using System.Reflection;
using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.IR;
using BiMamba.Testing;

namespace BiMamba.Frontend.Tests;

/// <summary>Imports every shared checkpoint and compares the IR with a golden file.</summary>
public sealed class SharedModelTests
{
    [Theory]
    [InlineData("oracles/models/hf-mamba1", "mamba", "hugging-face", Level.Float)]
    [InlineData("oracles/models/hf-falcon-mamba", "falcon_mamba", "hugging-face", Level.Float)]
    [InlineData("oracles/models/hf-mamba2-groups1", "mamba2", "hugging-face", Level.Float)]
    [InlineData("oracles/models/hf-mamba2-groups2-untied", "mamba2", "hugging-face", Level.Float)]
    [InlineData("oracles/models/hf-mamba2-proj-bias", "mamba2", "hugging-face", Level.Float)]
    [InlineData("models/tiny-mamba2-hf", "mamba2", "hugging-face", Level.Float)]
    [InlineData("models/tiny-bimamba-official", "bimamba2", "bi-mamba", Level.Fbi)]
    [InlineData("models/small-mamba2", "mamba2", "state-spaces", Level.Float)]
    [InlineData("models/small-bimamba", "bimamba2", "bi-mamba", Level.Fbi)]
    public void Imports_as_the_golden_file_says(string folder, string architecture, string layout, Level level)
    {
        var path = Repository.RequireShared(folder.Split('/'));
        using var model = Import(path);
        Assert.Equal(architecture, model.Architecture);
        Assert.Equal(layout, model.Layout);
        Assert.Equal(level, model.Module.Level);
        Assert.Contains(Path.Combine(path, "config.json"), model.Files);
        Assert.All(model.Files, file => Assert.True(File.Exists(file), file));
        Assert.Equal(model.Files.Count, model.Files.Distinct(StringComparer.Ordinal).Count());
        Golden.Match(Repository.Golden("ir", "import", Path.GetFileName(path) + ".verified.bmir"), IrPrinter.Print(model.Module, withHashes: false));
    }

    [Fact]
    public void Every_golden_file_is_of_an_import()
    {
        var shared = typeof(SharedModelTests).GetMethod(nameof(Imports_as_the_golden_file_says))!.GetCustomAttributes<InlineDataAttribute>()
            .Select(row => Path.GetFileName((string)row.Data[0]!));
        // Those of checkpoints in memory are the golden files of ImportTests.
        var expected = shared.Concat(["memory-bimamba2", "memory-mamba1"]).Select(name => name + ".verified.bmir");
        var found = Directory.GetFiles(Repository.Golden("ir", "import")).Select(file => Path.GetFileName(file)).Where(name => !name.Contains(".received.", StringComparison.Ordinal));
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("oracles/models/hf-mamba1")]
    [InlineData("oracles/models/hf-mamba2-groups1")]
    public void A_torch_file_gives_the_module_of_the_safetensors_files(string folder)
    {
        var path = Repository.RequireShared(folder.Split('/'));
        using var safetensors = Import(path);
        using var torch = Import(Path.Combine(path, "pytorch_model.bin"));
        Assert.Equal(IrPrinter.Print(safetensors.Module), IrPrinter.Print(torch.Module));
    }

    [Fact]
    public void A_folder_with_both_kinds_says_which_one_is_used()
    {
        var path = Repository.RequireShared("oracles", "models", "hf-mamba2-groups1");
        var diagnostics = new DiagnosticBag();
        using var model = CheckpointImporter.Import(path, new ImportOptions(), diagnostics);
        Assert.NotNull(model);
        Assert.Equal(InputDiagnostics.SeveralKinds, Assert.Single(diagnostics.Items).Descriptor);
        Assert.Contains(model.Files, file => file.EndsWith("model.safetensors", StringComparison.Ordinal));
    }

    [Fact]
    public void The_tokenizer_beside_the_weights_is_found()
    {
        var path = Repository.RequireShared("models", "small-bimamba");
        using var model = Import(path);
        Assert.Equal(Path.Combine(path, "tokenizer.json"), model.TokenizerPath);
        Assert.Equal(8192, model.ConfigVocabulary);
        Assert.Equal("bimamba2 in the bi-mamba layout, 12 layers, d_model 512, d_inner 1024, 16 heads of 64, 1 group, state 128, vocabulary 8192 in 8192 rows, tied head, 24 of 24 projections binarized", model.Summary);
    }

    private static ImportedModel Import(string path)
    {
        var diagnostics = new DiagnosticBag();
        var model = CheckpointImporter.Import(path, new ImportOptions(), diagnostics);
        Assert.True(model is not null, string.Join('\n', diagnostics.Items));
        return model;
    }
}
