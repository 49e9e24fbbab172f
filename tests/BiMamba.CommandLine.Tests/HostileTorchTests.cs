using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>Files of torch.save that are no model, are of the legacy form or would run code: nothing in them is executed.</summary>
public sealed class HostileTorchTests : IDisposable
{
    private readonly Workplace place = new();

    [Theory]
    [InlineData("hostile-eval.bin", ExitCode.Malformed, "BIM1224", "unsafe: the pickle names the global '__builtin__.eval'")]
    [InlineData("hostile-os-system.bin", ExitCode.Malformed, "BIM1224", "unsafe: the pickle names the global 'posix.system'")]
    [InlineData("legacy.bin", ExitCode.Unsupported, "BIM1202", "legacy form of torch.save")]
    [InlineData("dtypes.bin", ExitCode.Unsupported, "BIM1310", "found none of them among")]
    [InlineData("nested.bin", ExitCode.Unsupported, "BIM1310", "found none of them among")]
    [InlineData("training-checkpoint.bin", ExitCode.Unsupported, "BIM1310", "found none of them among")]
    [InlineData("views.bin", ExitCode.Unsupported, "BIM1310", "found none of them among")]
    public async Task A_torch_file_is_no_model(string name, ExitCode code, string id, string mention)
    {
        var model = place.Copy(Workplace.BiMamba);
        File.Copy(Repository.RequireShared("oracles", "torch-save", name), Path.Combine(model, "pytorch_model.bin"), overwrite: true);
        foreach (var command in (string[][])[["verify", model], ["inspect", model], ["convert", model, "-o", place["out.bimb"]], ["generate", model, "--prompt", "x"]])
            await place.Fails(code, id, [Path.Combine(model, "pytorch_model.bin"), mention], command);
        // Once more as a process whose folder is known, where a system call would leave its file.
        var outcome = await Child.RunIn(place.Path, new Dictionary<string, string>(StringComparer.Ordinal), "verify", "model");
        Workplace.CheckFailure(outcome, code, id, mention);
        foreach (var folder in (string[])[place.Path, Environment.CurrentDirectory, Path.GetTempPath(), AppContext.BaseDirectory])
            Assert.Empty(Directory.GetFiles(folder, "owned*"));
        Assert.Empty(Directory.GetFiles(place.Path, "owned*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_safetensors_beside_them_is_no_model()
    {
        var model = place.Copy(Workplace.BiMamba);
        File.Delete(Path.Combine(model, "pytorch_model.bin"));
        File.Copy(Repository.RequireShared("oracles", "torch-save", "expected.safetensors"), Path.Combine(model, "model.safetensors"));
        await place.Fails(ExitCode.Unsupported, "BIM1310", ["model.safetensors"], "verify", model);
    }

    [Fact]
    public async Task Every_file_of_the_folder_is_tried()
    {
        // Seven torch files above and one safetensors file: a new one must get its row.
        Assert.Equal(8, Directory.GetFiles(Repository.RequireShared("oracles", "torch-save")).Length);
        await place.Fails(ExitCode.InputMissing, "BIM1301", ["looked for config.json"], "verify", Repository.RequireShared("oracles", "torch-save", "views.bin"));
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();
}
