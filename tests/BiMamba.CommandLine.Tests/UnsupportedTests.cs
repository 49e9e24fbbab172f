using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>Exit code 5: an architecture, version or encoding that is not supported.</summary>
public sealed class UnsupportedTests : IDisposable
{
    private readonly Workplace place = new();

    [Theory]
    [InlineData("\"model_type\": \"mamba2\"", "\"model_type\": \"llama\"", "BIM1310", "llama")]
    [InlineData("\"hidden_act\": \"silu\"", "\"hidden_act\": \"gelu\"", "BIM1314", "gelu")]
    [InlineData("\"rms_norm\": true", "\"rms_norm\": false", "BIM1313", "rms_norm")]
    public Task A_Mamba2_configuration_asks_for_more(string from, string to, string id, string mention) => Refused(Workplace.Mamba2, from, to, id, mention);

    [Theory]
    [InlineData("\"attn_layer_idx\": []", "\"attn_layer_idx\": [2, 5]", "BIM1311", "attn_layer_idx")]
    [InlineData("\"d_intermediate\": 0", "\"d_intermediate\": 768", "BIM1312", "d_intermediate")]
    public Task A_BiMamba_configuration_asks_for_more(string from, string to, string id, string mention) => Refused(Workplace.BiMamba, from, to, id, mention);

    [Theory]
    [InlineData("verify")]
    [InlineData("inspect")]
    [InlineData("generate", "--prompt", "x")]
    public async Task A_bimb_file_is_of_a_newer_version(string command, params string[] rest)
    {
        var file = new BimbPatch(await place.Bimb()).Set("head.version", 2).Rehash().Save(place["newer.bimb"]);
        await place.Fails(ExitCode.Unsupported, "BIM4002", ["newer.bimb: ", "@0x4", "expected 1", "2"], [command, file, .. rest]);
    }

    [Fact]
    public async Task A_bimb_file_has_an_unknown_encoding()
    {
        var file = new BimbPatch(await place.Bimb()).Set("table.tensors[0].encoding", 200).Rehash().Save(place["encoding.bimb"]);
        await place.Fails(ExitCode.Unsupported, "BIM4003", ["encoding.bimb: ", "table.tensors[0].encoding", "200"], "verify", file);
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private async Task Refused(string model, string from, string to, string id, string mention)
    {
        var copy = place.Copy(model);
        var path = Path.Combine(copy, "config.json");
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
        await place.ConvertFails(ExitCode.Unsupported, id, mention, copy);
    }
}
