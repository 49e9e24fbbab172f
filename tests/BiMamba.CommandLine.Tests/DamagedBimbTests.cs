using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>Exit codes 4 and 6: .bimb files that are cut or changed.</summary>
public sealed class DamagedBimbTests : IDisposable
{
    private readonly Workplace place = new();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(6000)]
    [InlineData(200_000)]
    [InlineData(-1)]
    public async Task A_file_is_cut(int length)
    {
        var bytes = File.ReadAllBytes(await place.Bimb());
        var file = place.Write("cut.bimb", bytes[..(length < 0 ? bytes.Length + length : length)]);
        foreach (var command in (string[][])[["verify", file], ["inspect", file], ["eval", file, "--text", Workplace.Text], ["logits", file, "--ids", "1", "-o", place["l.safetensors"]]])
            await place.Fails(ExitCode.Malformed, "BIM", ["cut.bimb"], command);
    }

    [Fact]
    public async Task A_broken_file_shows_its_fields()
    {
        var bytes = File.ReadAllBytes(await place.Bimb());
        var file = place.Write("cut.bimb", bytes[..6000]);
        var outcome = (await Cli.Run("inspect", file, "--fields")).Is(ExitCode.Malformed);
        Assert.Contains("head.file_size", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("error BIM4", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_called_bimb_is_none() =>
        await place.Fails(ExitCode.Malformed, "BIM4001", ["text.bimb"], "verify", place.Write("text.bimb", new string('x', 5000)));

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(77)]
    public async Task A_changed_bit_of_a_tensor_is_found_and_named(int tensor)
    {
        var patch = new BimbPatch(await place.Bimb());
        var file = patch.Flip(patch.Get($"table.tensors[{tensor}].offset") + patch.Get($"table.tensors[{tensor}].size") - 1).Save(place["flipped.bimb"]);
        await place.Fails(ExitCode.VerificationFailed, "BIM4014", [$"flipped.bimb: tensor '{patch.Text($"table.tensors[{tensor}].name")}'"], "verify", file);
    }

    [Theory]
    [InlineData("module")]
    [InlineData("recipe")]
    [InlineData("table")]
    public async Task A_changed_bit_of_a_section_is_found(string section)
    {
        var patch = new BimbPatch(await place.Bimb());
        var file = patch.Flip(patch.Get($"head.{section}.offset") + 20).Save(place["flipped.bimb"]);
        var outcome = await Cli.Run("verify", file);
        Assert.True(outcome.Code is ExitCode.VerificationFailed or ExitCode.Malformed or ExitCode.Unsupported, outcome.Error);
        Workplace.CheckFailure(outcome, outcome.Code, "BIM", "flipped.bimb");
    }

    [Fact]
    public async Task A_changed_hash_of_the_head_is_found()
    {
        var patch = new BimbPatch(await place.Bimb());
        var file = patch.Flip(0xE0 + 3).Save(place["flipped.bimb"]);
        await place.Fails(ExitCode.VerificationFailed, "BIM4013", ["flipped.bimb"], "verify", file);
    }

    [Fact]
    public async Task A_logit_that_is_no_number_fails_the_evaluation()
    {
        var patch = new BimbPatch(await place.Bimb());
        var norm = Enumerable.Range(0, 78).Single(i => patch.Text($"table.tensors[{i}].name") == "norm_f.weight");
        var offset = patch.Get($"table.tensors[{norm}].offset");
        // The high byte of an fp16 number: all exponent bits.
        var bytes = File.ReadAllBytes(place["tiny.bimb"]);
        bytes[offset] = 1;
        bytes[offset + 1] = 0x7C;
        var file = place.Write("nan.bimb", bytes);
        await place.Fails(ExitCode.Malformed, "BIM2105", ["norm_f.weight': element [0]: expected a finite number, found NaN"], "eval", file, "--text", Workplace.Text, "--context", "64", "--max-windows", "1");
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();
}
