using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>Exit codes 8 and 9: not enough text or memory; outputs that are refused.</summary>
public sealed class ResourceAndOutputTests : IDisposable
{
    private readonly Workplace place = new();

    [Fact]
    public async Task A_text_is_shorter_than_a_window()
    {
        var text = place.Write("short.txt", "only a few words");
        await place.Fails(ExitCode.NotEnough, "BIM5002", ["short.txt: expected at least one window of 2048 tokens, found 16 tokens", "--context"], "eval", Workplace.BiMamba, "--text", text);
        await place.Fails(ExitCode.NotEnough, "BIM5002", ["found 0 tokens"], "eval", Workplace.BiMamba, "--text", place.Write("empty.txt", ""));
        await place.ConvertFails(ExitCode.NotEnough, "BIM5002", "found 16 tokens", Workplace.BiMamba, "--validate", text);
        await place.Fails(ExitCode.NotEnough, "BIM5002", ["found 16 tokens"], "convert", Workplace.BiMamba, "-o", place["out.bimb"], "--dry-run", "--validate", text);
    }

    [Fact]
    public async Task Memory_is_limited()
    {
        await place.ConvertFails(ExitCode.NotEnough, "BIM7003", "--max-memory allows 1.049 MB (1.000 MiB)", Workplace.BiMamba, "--max-memory", "1M");
        (await Cli.Run("convert", Workplace.BiMamba, "-o", place["out.bimb"], "--max-memory", "2G")).Is(ExitCode.Ok);
    }

    [Fact]
    public async Task An_output_exists()
    {
        var bimb = await place.Bimb();
        var before = File.ReadAllBytes(bimb);
        await place.Fails(ExitCode.OutputRefused, "BIM6001", ["tiny.bimb: the file exists already; hint: choose another name or pass --force"], "convert", Workplace.Mamba2, "-o", bimb);
        Assert.Equal(before, File.ReadAllBytes(bimb));
        (await Cli.Run("convert", Workplace.Mamba2, "-o", bimb, "--force")).Is(ExitCode.Ok);
        Assert.NotEqual(before, File.ReadAllBytes(bimb));
        place.Write("l.safetensors", "x");
        await place.Fails(ExitCode.OutputRefused, "BIM6001", ["l.safetensors: the file exists already"], "logits", Workplace.BiMamba, "--ids", "1", "-o", place["l.safetensors"]);
        await place.Fails(ExitCode.OutputRefused, "BIM6001", ["config.json: the file exists already"], "synth", "--arch", "mamba2", "--size", "130m", "-o", place.Copy(Workplace.BiMamba));
    }

    [Fact]
    public async Task A_failed_conversion_keeps_what_it_would_replace()
    {
        var bimb = await place.Bimb();
        var before = File.ReadAllBytes(bimb);
        await place.Fails(ExitCode.NotEnough, "BIM7003", [], "convert", Workplace.Mamba2, "-o", bimb, "--force", "--max-memory", "1M");
        await place.Fails(ExitCode.Usage, "BIM3002", [], "convert", Workplace.BiMamba, "-o", bimb, "--force", "--pipeline", "pakc");
        Assert.Equal(before, File.ReadAllBytes(bimb));
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("config.json")]
    [InlineData("./config.json")]
    public async Task An_output_is_an_input(string name)
    {
        var model = place.Copy(Workplace.BiMamba);
        var target = Path.Combine(model, name);
        await place.Fails(ExitCode.OutputRefused, "BIM6003", ["the output is one of the inputs; hint: choose another name"], "convert", model, "-o", target, "--force");
        await place.Fails(ExitCode.OutputRefused, "BIM6003", ["the output is one of the inputs"], "logits", model, "--ids", "1", "-o", target, "--force");
        await place.Fails(ExitCode.OutputRefused, "BIM6001", ["the file exists already"], "convert", model, "-o", target);
    }

    [Fact]
    public async Task An_output_is_another_file_that_is_read()
    {
        var text = place.Write("text.txt", new string('a', 300));
        await place.Fails(ExitCode.OutputRefused, "BIM6003", ["text.txt"], "convert", Workplace.BiMamba, "-o", text, "--validate", text, "--context", "64", "--force");
        var ids = place.Write("some.ids", "1 2 3");
        await place.Fails(ExitCode.OutputRefused, "BIM6003", ["some.ids"], "logits", Workplace.BiMamba, "-o", ids, "--ids-file", ids, "--force");
        var bimb = await place.Bimb();
        await place.Fails(ExitCode.OutputRefused, "BIM6003", ["tiny.bimb"], "logits", bimb, "-o", bimb, "--ids", "1", "--force");
    }

    [Fact]
    public async Task An_input_is_found_behind_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights on Windows");
        var model = place.Copy(Workplace.BiMamba);
        Directory.CreateSymbolicLink(place["link"], model);
        await place.Fails(ExitCode.OutputRefused, "BIM6003", ["config.json"], "convert", model, "-o", Path.Combine(place["link"], "config.json"), "--force");
        await place.Fails(ExitCode.OutputRefused, "BIM6003", ["config.json"], "convert", place["link"], "-o", Path.Combine(model, "config.json"), "--force");
    }

    [Fact]
    public async Task An_output_has_no_place()
    {
        await place.Fails(ExitCode.OutputRefused, "BIM6002", [place["absent/out.bimb"] + ": the file cannot be written"], "convert", Workplace.BiMamba, "-o", place["absent/out.bimb"]);
        await place.Fails(ExitCode.OutputRefused, "BIM6002", ["expected a file name, found a folder"], "convert", Workplace.BiMamba, "-o", place.Path);
        await place.Fails(ExitCode.OutputRefused, "BIM6002", ["expected a file name, found a folder"], "convert", Workplace.BiMamba, "-o", place.Path, "--force");
        await place.Fails(ExitCode.OutputRefused, "BIM6002", ["expected a file name, found an empty one"], "convert", Workplace.BiMamba, "-o", "");
        await place.Fails(ExitCode.OutputRefused, "BIM6002", [new string('n', 300)], "convert", Workplace.BiMamba, "-o", place[new string('n', 300)]);
        place.Write("file", "x");
        await place.Fails(ExitCode.OutputRefused, "BIM6002", ["file/out.bimb"], "convert", Workplace.BiMamba, "-o", place["file/out.bimb"]);
        await place.Fails(ExitCode.OutputRefused, "BIM6002", ["absent"], "logits", Workplace.BiMamba, "--ids", "1", "-o", place["absent/l.safetensors"]);
    }

    [Fact]
    public async Task A_device_is_not_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs /dev");
        // A name that no device has: a failure of this test must not cost the machine its /dev/null.
        await place.Fails(ExitCode.OutputRefused, "BIM6002", ["/dev/bimambac-test: expected a file, found a device"], "convert", Workplace.BiMamba, "-o", "/dev/bimambac-test", "--force");
    }

    [Fact]
    public async Task A_folder_is_read_only()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("needs a user whom file modes bind");
            return;
        }

        Directory.CreateDirectory(place["locked"]);
        File.SetUnixFileMode(place["locked"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            await place.Fails(ExitCode.OutputRefused, "BIM6002", ["locked"], "convert", Workplace.BiMamba, "-o", place["locked/out.bimb"]);
        }
        finally
        {
            File.SetUnixFileMode(place["locked"], UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();
}
