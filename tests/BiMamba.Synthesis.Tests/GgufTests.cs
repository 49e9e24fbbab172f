using BiMamba.Diagnostics;
using BiMamba.Diagnostics.Tables;
using BiMamba.Formats.Spec;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.Synthesis.Tests;

/// <summary>The layout of GGUF files, read back through <c>formats/gguf.spec</c>.</summary>
public sealed class GgufTests
{
    /// <summary>Width 256, so that rows are whole blocks of every type.</summary>
    private static readonly ModelShape Small = new(Architecture.Mamba2, 256, 2, 301) { State = 16, HeadWidth = 32 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> LinearTypes => [.. GgufOptions.LinearTypes.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(LinearTypes))]
    public void Tensors_have_the_names_types_and_dimensions_of_llama_cpp(string linear)
    {
        using var folder = new TemporaryFolder();
        var rows = Write(folder["a.gguf"], linear, "q8_0").Root.Items("tensors").Cast<SpecRecordNode>()
            .Select(row => $"{row.Text("name")} {row.Word("type")} [{string.Join(',', row.Items("dims").Cast<SpecIntegerNode>().Select(dim => dim.Int64))}]").ToArray();
        Assert.Equal("token_embd.weight q8_0 [256,304]", rows[0]);
        Assert.Equal(
            [
                "blk.1.attn_norm.weight f32 [256]", $"blk.1.ssm_in.weight {linear} [256,1072]", "blk.1.ssm_conv1d.weight f32 [4,544]", "blk.1.ssm_conv1d.bias f32 [544]",
                "blk.1.ssm_dt.bias f32 [16]", "blk.1.ssm_a f32 [1,16]", "blk.1.ssm_d f32 [1,16]", "blk.1.ssm_norm.weight f32 [512,1]", $"blk.1.ssm_out.weight {linear} [512,256]",
            ],
            rows[10..19]);
        Assert.Equal("output_norm.weight f32 [256]", rows[19]);
        Assert.Equal(20, rows.Length);
    }

    [Fact]
    public void The_metadata_say_every_size_of_the_model()
    {
        using var folder = new TemporaryFolder();
        var pairs = SpecInspector.Rows(Write(folder["a.gguf"], "q1_0", "f16")).Where(row => row.Field.StartsWith("metadata", StringComparison.Ordinal)).ToArray();
        Assert.Equal("\"mamba2\"", Value("general.architecture"));
        Assert.Equal("40", Value("general.file_type"));
        Assert.Equal(["304", "256", "2", "4", "512", "16", "16", "1"], new[] { "vocab_size", "embedding_length", "block_count", "ssm.conv_kernel", "ssm.inner_size", "ssm.state_size", "ssm.time_step_rank", "ssm.group_count" }.Select(key => Value("mamba2." + key)));
        Assert.Equal("1e-05", Value("mamba2.attention.layer_norm_rms_epsilon"));

        string Value(string key) => pairs[Array.FindIndex(pairs, row => row.Value == $"\"{key}\"") + 2].Value;
    }

    [Theory]
    [InlineData(301, 304)]
    [InlineData(5, 16)]
    public void The_vocabulary_has_a_distinct_token_for_every_row(int vocabulary, int rows)
    {
        using var folder = new TemporaryFolder();
        var tree = Write(folder["a.gguf"], "f16", "f16", Small with { Vocabulary = vocabulary });
        var tokens = Pair(tree, "tokenizer.ggml.tokens").RecordAt("value").Items("items").Select(item => ((SpecTextNode)item).Value).ToArray();
        Assert.Equal(rows, tokens.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(("<|endoftext|>", rows > 256 ? "Ġ" : null), (tokens[0], tokens.ElementAtOrDefault(1 + ' ')));
    }

    [Fact]
    public void Values_are_those_of_the_checkpoint_of_the_same_options()
    {
        using var folder = new TemporaryFolder();
        var options = Shapes.Options(Architecture.Mamba2);
        var checkpoint = Synthesizer.Tensors(CheckpointPlan.Of(Small, options.Type), options).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        var path = folder["a.gguf"];
        var tree = Write(path, "f16", "f16");
        var bytes = File.ReadAllBytes(path);
        Assert.Equal(checkpoint["backbone.embedding.weight"].ToBytes(), Bytes("token_embd.weight", 304 * 256 * 2));
        Assert.Equal(checkpoint["backbone.layers.1.mixer.in_proj.weight"].ToBytes(), Bytes("blk.1.ssm_in.weight", 1072 * 256 * 2));
        Assert.Equal(checkpoint["backbone.layers.1.mixer.conv1d.weight"].ToSingles(), Singles("blk.1.ssm_conv1d.weight", 544 * 4));
        Assert.Equal(checkpoint["backbone.layers.0.mixer.A_log"].ToSingles().Select(value => (float)-Math.Exp(value)), Singles("blk.0.ssm_a", 16));

        byte[] Bytes(string name, int count)
        {
            var tensor = tree.Root.Items("tensors").Cast<SpecRecordNode>().Single(row => row.Text("name") == name);
            return bytes.AsSpan((int)(tree.Root["data"].Offset + tensor.Integer("offset")), count).ToArray();
        }

        float[] Singles(string name, int count) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Bytes(name, count * 4)).ToArray();
    }

    [Fact]
    public void Every_official_size_has_rows_of_whole_blocks() =>
        Assert.All(ModelSize.All, size => Assert.All(GgufOptions.LinearTypes, type => Assert.Equal(0, size.Width % type.BlockElements)));

    [Fact]
    public void Progress_counts_the_bytes_of_the_checkpoint()
    {
        using var folder = new TemporaryFolder();
        var reports = new List<SynthesisProgress>();
        var options = Shapes.Options(Architecture.Mamba2);
        Assert.True(Synthesizer.WriteGguf(Small, options, Types("q4_0", "f16"), folder["a.gguf"], false, new DiagnosticBag(), new Reports(reports.Add), Token));
        var total = CheckpointPlan.Of(Small, options.Type).ByteLength;
        Assert.Equal(new SynthesisProgress(total, total), reports[^1]);
        Assert.Equal(reports.OrderBy(report => report.WrittenBytes), reports);
    }

    [Fact]
    public void Every_wrong_value_is_reported()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(GgufOptions.Create(Architecture.BiMamba2, "q1_0", "f16", diagnostics));
        Assert.Null(GgufOptions.Create(Architecture.Mamba2, "q9_0", "q1_0", diagnostics));
        Assert.Equal(
            [SynthesisDiagnostics.NotGguf.Id, SynthesisDiagnostics.UnknownType.Id, SynthesisDiagnostics.UnknownType.Id],
            diagnostics.Items.Select(item => item.Id));
    }

    private static SpecRecordNode Pair(SpecTree tree, string key) => tree.Root.Items("metadata").Cast<SpecRecordNode>().Single(pair => pair.Text("key") == key);

    private static GgufOptions Types(string linear, string head) => GgufOptions.Create(Architecture.Mamba2, linear, head, new DiagnosticBag())!;

    private static SpecTree Write(string path, string linear, string head, ModelShape? shape = null)
    {
        var diagnostics = new DiagnosticBag();
        Assert.True(Synthesizer.WriteGguf(shape ?? Small, Shapes.Options(Architecture.Mamba2), Types(linear, head), path, false, diagnostics, null, Token));
        var tree = SpecReader.Read(FormatTable.Gguf.Spec, SpecSource.Of(path, File.ReadAllBytes(path)), diagnostics);
        Assert.Empty(diagnostics.Items);
        return tree;
    }

    private sealed class Reports(Action<SynthesisProgress> report) : IProgress<SynthesisProgress>
    {
        public void Report(SynthesisProgress value) => report(value);
    }
}
