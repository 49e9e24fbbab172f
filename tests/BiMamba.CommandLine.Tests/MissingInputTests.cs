using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>Exit code 3: an input is missing or cannot be read.</summary>
public sealed class MissingInputTests : IDisposable
{
    private readonly Workplace place = new();

    [Theory]
    [InlineData("convert")]
    [InlineData("eval")]
    [InlineData("generate")]
    [InlineData("logits")]
    [InlineData("inspect")]
    [InlineData("verify")]
    public async Task A_model_is_missing(string command)
    {
        string[] rest = command switch
        {
            "convert" => ["-o", place["out.bimb"]],
            "eval" => ["--text", Workplace.Text],
            "generate" => ["--prompt", "x"],
            "logits" => ["--ids", "1", "-o", place["out.safetensors"]],
            _ => [],
        };
        await place.Fails(ExitCode.InputMissing, "BIM1001", [place["absent"] + ": ", "hint: check the path"], [command, place["absent"], .. rest]);
        await place.Fails(ExitCode.InputMissing, "BIM1001", [place["absent.bimb"] + ": "], [command, place["absent.bimb"], .. rest]);
    }

    [Fact]
    public async Task A_text_is_missing()
    {
        await place.Fails(ExitCode.InputMissing, "BIM1001", ["absent.txt: the file does not exist"], "eval", Workplace.BiMamba, "--text", place["absent.txt"]);
        await place.Fails(ExitCode.InputMissing, "BIM1001", ["absent.txt: the file does not exist"], "tokenize", "bytes", "--text", place["absent.txt"]);
        await place.ConvertFails(ExitCode.InputMissing, "BIM1001", "absent.txt: the file does not exist", Workplace.BiMamba, "--validate", place["absent.txt"]);
        await place.Fails(ExitCode.InputMissing, "BIM1001", ["absent.ids: "], "logits", Workplace.BiMamba, "--ids-file", place["absent.ids"], "-o", place["l.safetensors"]);
    }

    [Fact]
    public async Task A_folder_stands_where_a_file_is_meant()
    {
        await place.Fails(ExitCode.InputMissing, "BIM1002", [place.Path + ": expected a file, found a folder"], "eval", Workplace.BiMamba, "--text", place.Path);
        await place.Fails(ExitCode.InputMissing, "BIM1002", ["expected a file, found a folder"], "tokenize", "bytes", "--text", place.Path);
        Directory.CreateDirectory(place["x.bimb"]);
        await place.Fails(ExitCode.InputMissing, "BIM1003", ["x.bimb: "], "verify", place["x.bimb"]);
    }

    [Fact]
    public async Task A_tokenizer_is_missing()
    {
        await place.Fails(ExitCode.InputMissing, "BIM1001", ["absent.json"], "tokenize", place["absent.json"], "--text", Workplace.Text);
        await place.Fails(ExitCode.InputMissing, "BIM1001", ["absent.json"], "eval", Workplace.BiMamba, "--tokenizer", place["absent.json"], "--text", Workplace.Text);
    }

    [Fact]
    public async Task A_configuration_is_missing()
    {
        var model = place.Copy(Workplace.BiMamba);
        File.Delete(Path.Combine(model, "config.json"));
        await place.ConvertFails(ExitCode.InputMissing, "BIM1301", model + ": looked for config.json", model);
        await place.ConvertFails(ExitCode.InputMissing, "BIM1001", "absent.json", model, "--config", place["absent.json"]);
        (await Cli.Run("verify", model, "--config", Path.Combine(Workplace.BiMamba, "config.json"))).Is(ExitCode.Ok);
    }

    [Fact]
    public async Task A_shard_is_missing()
    {
        var model = place.Copy(Workplace.Mamba2);
        File.Delete(Path.Combine(model, "model-00002-of-00004.safetensors"));
        await place.ConvertFails(ExitCode.InputMissing, "BIM", "model-00002-of-00004.safetensors", model);
    }

    [Fact]
    public async Task A_folder_has_no_weights()
    {
        Directory.CreateDirectory(place["empty"]);
        await place.ConvertFails(ExitCode.InputMissing, "BIM1003", place["empty"] + ": looked for model.safetensors.index.json", place["empty"]);
    }

    [Fact]
    public async Task A_file_may_not_be_read()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("needs a user whom file modes bind");
            return;
        }

        var model = place.Copy(Workplace.BiMamba);
        File.SetUnixFileMode(Path.Combine(model, "pytorch_model.bin"), UnixFileMode.None);
        await place.ConvertFails(ExitCode.InputMissing, "BIM1002", "pytorch_model.bin", model);
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();
}
