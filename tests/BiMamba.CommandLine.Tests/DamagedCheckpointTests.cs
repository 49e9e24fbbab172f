using System.Buffers.Binary;
using System.Text;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>Exit code 4: checkpoints that are truncated, lie or contradict themselves.</summary>
public sealed class DamagedCheckpointTests : IDisposable
{
    private const string Shard = "model-00002-of-00004.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const string Torch = "pytorch_model.bin";
    private readonly Workplace place = new();

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(500)]
    [InlineData(1_000_000)]
    [InlineData(1_001_191)]
    public Task A_shard_is_truncated(int length) => Damaged(Workplace.Mamba2, Shard, bytes => bytes[..length], Shard);

    [Fact]
    public Task A_shard_has_bytes_behind_its_end() => Damaged(Workplace.Mamba2, Shard, bytes => [.. bytes, 0], Shard);

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(100_000_001UL)]
    [InlineData(2_000_000UL)]
    [InlineData(0UL)]
    [InlineData(1UL)]
    public Task The_header_length_of_a_shard_lies(ulong length) => Damaged(
        Workplace.Mamba2,
        Shard,
        bytes =>
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
            return bytes;
        },
        Shard);

    [Theory]
    [InlineData("[902,192]", "[192,902]", "in_proj.weight")]
    [InlineData("[902,192]", "[902,191]", "in_proj.weight")]
    [InlineData("[902,192]", "[-02,192]", Shard)]
    [InlineData("\"dtype\":\"F16\"", "\"dtype\":\"F32\"", Shard)]
    [InlineData("\"dtype\":\"F16\"", "\"dtype\":\"I16\"", Shard)]
    [InlineData("\"data_offsets\":[", "\"data_offsets\":[9", Shard)]
    [InlineData("\"shape\":", "\"shapf\":", Shard)]
    public Task The_header_of_a_shard_lies(string from, string to, string mention) => Damaged(
        Workplace.Mamba2,
        Shard,
        bytes =>
        {
            var headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            var header = Encoding.UTF8.GetString(bytes, 8, headerLength);
            Assert.Contains(from, header, StringComparison.Ordinal);
            var at = header.IndexOf(from, StringComparison.Ordinal);
            var changed = Encoding.UTF8.GetBytes(header[..at] + to + header[(at + from.Length)..]);
            var result = new byte[8 + changed.Length + bytes.Length - 8 - headerLength];
            BinaryPrimitives.WriteUInt64LittleEndian(result, (ulong)changed.Length);
            changed.CopyTo(result, 8);
            bytes.AsSpan(8 + headerLength).CopyTo(result.AsSpan(8 + changed.Length));
            return result;
        },
        mention);

    [Theory]
    [InlineData("\"weight_map\": {", "\"weight_map\": {\"ghost\": \"model-00001-of-00004.safetensors\",", "ghost")]
    [InlineData("\"weight_map\": {", "\"weight_map\": {\"ghost\": \"../elsewhere.safetensors\",", "elsewhere")]
    [InlineData("\"weight_map\": {", "\"weight_map\": {\"ghost\": \"/etc/passwd\",", "passwd")]
    [InlineData("\"weight_map\": {", "\"weight_map\": [", Index)]
    [InlineData("\"weight_map\"", "\"weightmap\"", Index)]
    public Task The_index_lies(string from, string to, string mention) => Damaged(Workplace.Mamba2, Index, Replace(from, to), mention);

    [Theory]
    [InlineData("\"hidden_size\": 192", "\"hidden_size\": 200", "hidden_size")]
    [InlineData("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 7", "num_hidden_layers")]
    [InlineData("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 2000000000", "num_hidden_layers")]
    [InlineData("\"vocab_size\": 256", "\"vocab_size\": 1000000000", "vocab_size")]
    [InlineData("\"state_size\": 64", "\"state_size\": 0", "state_size")]
    [InlineData("\"state_size\": 64", "\"state_size\": -64", "state_size")]
    [InlineData("\"state_size\": 64", "\"state_size\": 1e99", "state_size")]
    [InlineData("\"state_size\": 64", "\"state_size\": \"many\"", "state_size")]
    [InlineData("\"n_groups\": 1", "\"n_groups\": 5", "n_groups")]
    [InlineData("\"head_dim\": 64", "\"head_dim\": 63", "head_dim")]
    [InlineData("\"layer_norm_epsilon\": 1e-05", "\"layer_norm_epsilon\": -1", "layer_norm_epsilon")]
    [InlineData("{", "{{", "config.json:1:")]
    [InlineData("\"architectures\"", "{\"a\":", "config.json:")]
    public Task The_configuration_lies(string from, string to, string mention) => Damaged(Workplace.Mamba2, "config.json", Replace(from, to), mention);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1_600_000)]
    [InlineData(3_240_128)]
    public Task A_torch_file_is_truncated(int length) => Damaged(Workplace.BiMamba, Torch, bytes => bytes[..length], Torch);

    [Theory]
    [InlineData(60)]
    [InlineData(-30)]
    [InlineData(-400)]
    public Task A_byte_of_a_torch_file_is_changed(int at) => Damaged(
        Workplace.BiMamba,
        Torch,
        bytes =>
        {
            bytes[at < 0 ? bytes.Length + at : at] ^= 0xFF;
            return bytes;
        },
        Torch);

    [Fact]
    public async Task A_file_is_of_no_known_kind()
    {
        await place.ConvertFails(ExitCode.Malformed, "BIM1004", "held-64k.txt: expected a folder or a .safetensors", Workplace.Text);
        await place.ConvertFails(ExitCode.Malformed, "BIM1004", "config.json: ", Path.Combine(Workplace.Mamba2, "config.json"));
    }

    [Fact]
    public async Task One_shard_is_not_the_model() =>
        await place.ConvertFails(ExitCode.Malformed, "BIM1305", "backbone.norm_f.weight", Path.Combine(Workplace.Mamba2, "model-00001-of-00004.safetensors"));

    [Theory]
    [InlineData("--ids", "256", "BIM5001", "--ids: id 256 at position 0 is outside the vocabulary: expected 0 to 255")]
    [InlineData("--ids", "1,2,99999999999999", "BIM5003", "--ids @0x4: expected a whole number from 0 to 2147483647, found '99999999999999'")]
    [InlineData("--ids", "-1", "BIM5003", "found '-1'")]
    [InlineData("--ids", "1;2", "BIM5003", "found ';2'")]
    [InlineData("--ids", "", "BIM5003", "--ids: expected at least one id, found none")]
    [InlineData("--ids", " , ", "BIM5003", "--ids: expected at least one id, found none")]
    public async Task Ids_do_not_fit(string option, string ids, string id, string mention) =>
        await place.Fails(ExitCode.Malformed, id, [mention], "logits", Workplace.BiMamba, option, ids, "-o", place["l.safetensors"]);

    [Fact]
    public async Task Files_of_ids_do_not_fit()
    {
        await place.Fails(ExitCode.Malformed, "BIM5001", ["big.ids: id 300 at position 2"], "logits", Workplace.BiMamba, "--ids-file", place.Write("big.ids", "1 2 300"), "-o", place["l.safetensors"]);
        await place.Fails(ExitCode.Malformed, "BIM5001", ["big.json: id 300 at position 2"], "eval", Workplace.BiMamba, "--text", place.Write("big.json", "[1, 2, 300]"));
        await place.Fails(ExitCode.Malformed, "BIM5003", ["cut.npy @0x6: expected ", "found the end of the file"], "eval", Workplace.BiMamba, "--text", place.Write("cut.npy", [0x93, .. "NUMPY"u8]));
        await place.Fails(ExitCode.Malformed, "BIM5003", ["words.ids @0x0: ", "found 'one'"], "eval", Workplace.BiMamba, "--text", place.Write("words.ids", "one two"));
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private static Func<byte[], byte[]> Replace(string from, string to) => bytes =>
    {
        var text = Encoding.UTF8.GetString(bytes);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, $"'{from}' is not in the file");
        return Encoding.UTF8.GetBytes(text[..at] + to + text[(at + from.Length)..]);
    };

    private async Task Damaged(string model, string file, Func<byte[], byte[]> damage, string mention)
    {
        var copy = place.Copy(model);
        var path = Path.Combine(copy, file);
        File.WriteAllBytes(path, damage(File.ReadAllBytes(path)));
        await place.ConvertFails(ExitCode.Malformed, "BIM", mention, copy);
        await place.Fails(ExitCode.Malformed, "BIM", [mention], "verify", copy);
    }
}
