using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Safetensors;
using BiMamba.IR;
using BiMamba.Testing;

namespace BiMamba.Frontend.Tests;

/// <summary>Checkpoints that lie in folders.</summary>
public sealed class FolderTests
{
    [Theory]
    [InlineData(1L << 30)]
    [InlineData(1000L)]
    public void A_folder_gives_the_module_of_its_tensors(long shardBytes)
    {
        using var folder = new TemporaryFolder();
        var checkpoint = Write(folder, shardBytes);
        var diagnostics = new DiagnosticBag();
        using var model = CheckpointImporter.Import(folder.Path, new ImportOptions(), diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(IrPrinter.Print(checkpoint.Module()), IrPrinter.Print(model!.Module));
        Assert.Equal(Directory.EnumerateFiles(folder.Path).Order(StringComparer.Ordinal), model.Files.Order(StringComparer.Ordinal));
        Assert.True(shardBytes > 1000 ? model.Files.Count == 2 : model.Files.Count > 3);
    }

    [Fact]
    public void A_missing_tensor_of_one_file_names_that_file_and_of_shards_their_folder()
    {
        using var folder = new TemporaryFolder();
        Write(folder, 1 << 30, checkpoint => checkpoint.Drop("backbone.layers.1.norm.weight"));
        Assert.Equal(folder["model.safetensors"], Fail(folder.Path).Place.File);
        using var sharded = new TemporaryFolder();
        Write(sharded, 1000, checkpoint => checkpoint.Drop("backbone.layers.1.norm.weight"));
        Assert.Equal(sharded.Path, Fail(sharded.Path).Place.File);
    }

    [Fact]
    public void Errors_of_the_configuration_and_of_the_weights_are_collected()
    {
        using var folder = new TemporaryFolder();
        using (var config = new FileStream(folder["config.json"], FileMode.Create))
            config.SetLength(5 << 20);
        File.WriteAllText(folder["model.safetensors"], "no");
        var diagnostics = new DiagnosticBag();
        Assert.Null(CheckpointImporter.Import(folder.Path, new ImportOptions(), diagnostics));
        Assert.Equal([FrontendDiagnostics.ConfigSyntax, SafetensorsDiagnostics.TooShort], diagnostics.Items.Select(item => item.Descriptor));
    }

    private static Diagnostic Fail(string path)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(CheckpointImporter.Import(path, new ImportOptions(), diagnostics));
        var error = Assert.Single(diagnostics.Items);
        Assert.Equal(FrontendDiagnostics.MissingTensor, error.Descriptor);
        return error;
    }

    private static Checkpoint Write(TemporaryFolder folder, long shardBytes, Action<Checkpoint>? change = null)
    {
        var checkpoint = Checkpoint.Mamba2();
        change?.Invoke(checkpoint);
        var diagnostics = new DiagnosticBag();
        Assert.True(SafetensorsWriter.WriteSharded(folder.Path, [.. checkpoint.Tensors], null, shardBytes, force: false, diagnostics, TestContext.Current.CancellationToken));
        File.WriteAllText(folder["config.json"], checkpoint.Config.ToJsonString());
        return checkpoint;
    }
}
