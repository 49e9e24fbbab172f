using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Testing;

namespace BiMamba.Frontend.Tests;

/// <summary>Which files a path stands for.</summary>
public sealed class CheckpointFilesTests
{
    [Theory]
    [InlineData("model.safetensors.index.json;model.safetensors;a.safetensors", "", "model.safetensors.index.json")]
    [InlineData("model.safetensors;reference.safetensors", "model.safetensors", null)]
    [InlineData("b.safetensors;a.safetensors", "a.safetensors;b.safetensors", null)]
    [InlineData("pytorch_model.bin.index.json;pytorch_model.bin", "", "pytorch_model.bin.index.json")]
    [InlineData("pytorch_model.bin;training_args.bin", "pytorch_model.bin", null)]
    [InlineData("two.bin;one.bin;training_args.bin", "one.bin;two.bin", null)]
    public void A_folder_stands_for_its_weights_in_a_fixed_order(string present, string weights, string? index)
    {
        using var folder = Folder(present + ";config.json");
        var files = Locate(folder.Path)!;
        Assert.Equal(weights.Split(';', StringSplitOptions.RemoveEmptyEntries), files.Weights.Select(Path.GetFileName));
        Assert.Equal(index, Path.GetFileName(files.Index));
        Assert.Equal(folder["config.json"], files.Config);
        Assert.Null(files.Tokenizer);
    }

    [Fact]
    public void Both_kinds_use_safetensors_and_say_so()
    {
        using var folder = Folder("model.safetensors;pytorch_model.bin;config.json;tokenizer.json");
        var diagnostics = new DiagnosticBag();
        var files = CheckpointFiles.Locate(folder.Path, new ImportOptions(), diagnostics)!;
        Assert.Equal(WeightFormat.Safetensors, files.Format);
        Assert.Equal(folder["tokenizer.json"], files.Tokenizer);
        Assert.Equal(InputDiagnostics.SeveralKinds, Assert.Single(diagnostics.Items).Descriptor);
    }

    [Theory]
    [InlineData("x.safetensors", WeightFormat.Safetensors)]
    [InlineData("x.bin", WeightFormat.Torch)]
    [InlineData("x.pt", WeightFormat.Torch)]
    [InlineData("x.pth", WeightFormat.Torch)]
    public void A_file_has_its_configuration_beside_it(string name, WeightFormat format)
    {
        using var folder = Folder(name + ";other.safetensors;config.json;tokenizer.json");
        var files = Locate(folder[name])!;
        Assert.Equal(format, files.Format);
        Assert.Equal([folder[name]], files.Weights);
        Assert.Equal(folder["config.json"], files.Config);
        Assert.Equal(folder["tokenizer.json"], files.Tokenizer);
    }

    [Fact]
    public void Named_configuration_and_tokenizer_win()
    {
        using var folder = Folder("model.safetensors;config.json;tokenizer.json;other.json;third.json");
        var files = Locate(folder.Path, new ImportOptions(ConfigPath: folder["other.json"], TokenizerPath: folder["third.json"]))!;
        Assert.Equal(folder["other.json"], files.Config);
        Assert.Equal(folder["third.json"], files.Tokenizer);
    }

    [Fact]
    public void Codestral_has_params()
    {
        using var own = Folder("consolidated.safetensors;params.json;config.json");
        Assert.Equal(own["params.json"], Locate(own.Path)!.Config);
        using var other = Folder("model.safetensors;params.json");
        Assert.Equal(other["params.json"], Locate(other.Path)!.Config);
    }

    [Fact]
    public void Everything_that_is_missing_is_named()
    {
        using var folder = Folder("readme.txt");
        var errors = Fail(folder.Path, new ImportOptions(TokenizerPath: folder["none.json"]));
        Assert.Equal([InputDiagnostics.NoCheckpoint, FrontendDiagnostics.ConfigMissing, InputDiagnostics.Missing], errors.Select(error => error.Descriptor));
        foreach (var name in (string[])["model.safetensors.index.json", "model.safetensors", "*.safetensors", "pytorch_model.bin.index.json", "pytorch_model.bin", "*.bin"])
            Assert.Contains(name, errors[0].Message, StringComparison.Ordinal);
        Assert.Contains("config.json and params.json", errors[1].Message, StringComparison.Ordinal);
        Assert.All(errors, error => Assert.Equal(ExitCode.InputMissing, error.Descriptor.ExitCode));
        Assert.Equal([InputDiagnostics.Missing], Fail(folder["nowhere"]).Select(error => error.Descriptor));
    }

    [Fact]
    public void A_named_configuration_that_is_missing_is_an_error()
    {
        using var folder = Folder("model.safetensors;config.json");
        Assert.Equal([InputDiagnostics.Missing], Fail(folder.Path, new ImportOptions(ConfigPath: folder["none.json"])).Select(error => error.Descriptor));
    }

    [Fact]
    public void A_file_of_another_kind_is_refused()
    {
        using var folder = Folder("readme.txt;config.json");
        var error = Assert.Single(Fail(folder["readme.txt"]));
        Assert.Equal(InputDiagnostics.UnknownKind, error.Descriptor);
    }

    [Fact]
    public void A_configuration_that_is_not_UTF8_or_too_large_is_refused()
    {
        using var folder = Folder("model.safetensors");
        File.WriteAllBytes(folder["config.json"], [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
        File.WriteAllBytes(folder["model.safetensors"], [2, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}']);
        Assert.Equal(FrontendDiagnostics.ConfigSyntax, Assert.Single(FailImport(folder.Path)).Descriptor);
        using (var large = new FileStream(folder["config.json"], FileMode.Create))
            large.SetLength(5 << 20);
        Assert.Equal(FrontendDiagnostics.ConfigSyntax, Assert.Single(FailImport(folder.Path)).Descriptor);
    }

    private static IReadOnlyList<Diagnostic> FailImport(string path)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(CheckpointImporter.Import(path, new ImportOptions(), diagnostics));
        return diagnostics.Items;
    }

    private static TemporaryFolder Folder(string names)
    {
        var folder = new TemporaryFolder();
        foreach (var name in names.Split(';'))
            File.WriteAllText(folder[name], "");
        return folder;
    }

    private static CheckpointFiles? Locate(string path, ImportOptions? options = null)
    {
        var diagnostics = new DiagnosticBag();
        var files = CheckpointFiles.Locate(path, options ?? new ImportOptions(), diagnostics);
        Assert.Empty(diagnostics.Items);
        return files;
    }

    private static IReadOnlyList<Diagnostic> Fail(string path, ImportOptions? options = null)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(CheckpointFiles.Locate(path, options ?? new ImportOptions(), diagnostics));
        return diagnostics.Items;
    }
}
