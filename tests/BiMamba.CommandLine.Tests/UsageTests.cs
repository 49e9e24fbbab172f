using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests;

/// <summary>Exit code 2: what is wrong with the command line itself.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly Workplace place = new();

    [Theory]
    [InlineData("unknown command 'convrt'; hint: did you mean 'convert'?", "convrt")]
    [InlineData("Required command was not provided; hint: see bimambac --help")]
    [InlineData("unknown option '--ouput'; hint: did you mean '--output'?", "convert", "x", "--ouput", "y")]
    [InlineData("unknown option '--texxt=y'; hint: did you mean '--text'?", "eval", "x", "--texxt=y")]
    [InlineData("unknown option '--verbos'; hint: did you mean '--verbose'?", "passes", "--verbos")]
    [InlineData("Required argument missing for option: '--text'", "eval", "x", "--text")]
    [InlineData("Required argument 'checkpoint' missing for command: 'convert'", "convert", "-o", "y")]
    [InlineData("Option '--output' is required; hint: see bimambac convert --help", "convert", "x")]
    [InlineData("unexpected argument 'extra'; hint: see bimambac verify --help", "verify", "x", "extra")]
    [InlineData("--context: expected a whole number from 2, found 'abc'", "eval", "x", "--text", "y", "--context", "abc")]
    [InlineData("--context: expected a whole number from 2, found '1'", "eval", "x", "--text", "y", "--context", "1")]
    [InlineData("--max-windows: expected a whole number from 1, found '99999999999'", "eval", "x", "--text", "y", "--max-windows", "99999999999")]
    [InlineData("--threads: expected a whole number from 1 to 1024, found '0'", "eval", "x", "--text", "y", "--threads", "0")]
    [InlineData("--threads: expected a whole number from 1 to 1024, found '-3'", "eval", "x", "--text", "y", "--threads", "-3")]
    [InlineData("--temperature: expected a number from 0 to 100, such as 0.8, found '1,5'", "generate", "x", "--prompt", "y", "--temperature", "1,5")]
    [InlineData("--temperature: expected a number from 0 to 100, such as 0.8, found 'NaN'", "generate", "x", "--prompt", "y", "--temperature", "NaN")]
    [InlineData("--temperature: expected a number from 0 to 100, such as 0.8, found '101'", "generate", "x", "--prompt", "y", "--temperature", "101")]
    [InlineData("--top-k: expected a whole number from 1, found '0'", "generate", "x", "--prompt", "y", "--top-k", "0")]
    [InlineData("--seed: expected a whole number from 0 to 18446744073709551615, found '-1'", "synth", "--arch", "mamba2", "--size", "130m", "-o", "y", "--seed", "-1")]
    [InlineData("--norm-group-size: expected a whole number from 1, found '0'", "inspect", "x", "--norm-group-size", "0")]
    [InlineData("--arch: expected one of mamba2, bimamba2, mamba, found 'gpt'", "synth", "--arch", "gpt", "--size", "130m", "-o", "y")]
    [InlineData("--method: expected one of fbi, rtn, xnor, onebit, gptq, billm, ternary, none, found 'magic'", "convert", "x", "-o", "y", "--method", "magic")]
    [InlineData("--engine: expected one of fast, reference, found 'slow'", "eval", "x", "--text", "y", "--engine", "slow")]
    [InlineData("--state: expected one of f32, bf16, found 'f16'", "generate", "x", "--prompt", "y", "--state", "f16")]
    [InlineData("--batch: expected a whole number from 1 to 1024, found '0'", "eval", "x", "--text", "y", "--batch", "0")]
    [InlineData("--protocol: expected one of gptq, llamacpp, llamacpp-kl, lm-eval, found 'mine'", "eval", "x", "--text", "y", "--protocol", "mine")]
    public async Task The_command_line_does_not_parse(string message, params string[] args) =>
        await place.Fails(ExitCode.Usage, "BIM7001", [message], args);

    [Fact]
    public async Task An_option_of_gguf_files_needs_gguf() =>
        await place.Fails(ExitCode.Usage, "BIM6106", ["--head: expected --gguf"], "synth", "--arch", "mamba2", "--size", "130m", "-o", place["y"], "--head", "q8_0");

    [Fact]
    public async Task Every_error_of_a_command_line_is_said()
    {
        var outcome = await place.Fails(ExitCode.Usage, "BIM7001", ["--context: ", "--threads: ", "'--text' is required"], "eval", "x", "--context", "0", "--threads", "0");
        Assert.Equal(3, outcome.Error.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("BIM3001", "pipeline:1:12: expected a name or a name with '@', found '|'", "fold-fbi | | pack")]
    [InlineData("BIM3001", "pipeline:1:6: expected a name or '}'", "pack{")]
    [InlineData("BIM3002", "pipeline:1:1: there is no pass 'fold-fbbi'; hint: did you mean 'fold-fbi'?", "fold-fbbi | pack")]
    [InlineData("BIM3003", "did you mean 'word'?", "fold-fbi | pack{wrod=64}")]
    [InlineData("BIM3004", "pack", "fold-fbi | pack{word=3}")]
    [InlineData("BIM3005", "word", "fold-fbi | pack{word=64, word=64}")]
    [InlineData("BIM3007", "stage 2: stage 'fold-fbi' needs level fbi, but the module is at level packed; hint: put it before 'pack'", "pack | fold-fbi")]
    [InlineData("BIM3008", "ends at level quant; hint: end it with pack", "fold-fbi")]
    [InlineData("BIM3008", "ends at level fbi; hint: end it with pack", "")]
    public async Task The_pipeline_is_wrong(string id, string message, string pipeline) =>
        await place.ConvertFails(ExitCode.Usage, id, message, Workplace.BiMamba, "--pipeline", pipeline);

    [Fact]
    public async Task A_fold_of_a_float_checkpoint_has_no_use() =>
        await place.ConvertFails(ExitCode.Usage, "BIM3007", "a module at level float has no use for 'fold-fbi': remove it", Workplace.Mamba2, "--pipeline", "fold-fbi | pack");

    [Fact]
    public async Task Method_fbi_needs_a_BiMamba_checkpoint() =>
        await place.ConvertFails(ExitCode.Usage, "BIM7004", "--method fbi: expected a Bi-Mamba checkpoint, found a model at level float", Workplace.Mamba2, "--method", "fbi");

    [Theory]
    [InlineData("--method", "fbi")]
    [InlineData("--embedding", "q8")]
    public async Task A_pipeline_says_everything(string option, string value) =>
        await place.ConvertFails(ExitCode.Usage, "BIM7002", "--pipeline says everything", Workplace.BiMamba, "--pipeline", "fold-fbi | pack", option, value);

    [Theory]
    [InlineData("abc")]
    [InlineData("-1G")]
    [InlineData("0")]
    [InlineData("2X")]
    [InlineData("1,5G")]
    [InlineData("")]
    public async Task A_memory_limit_is_a_size(string limit) =>
        await place.ConvertFails(ExitCode.Usage, "BIM7001", $"--max-memory: expected a size such as 2G or 512M, found '{limit}'", Workplace.BiMamba, "--max-memory", limit);

    [Fact]
    public async Task A_bimb_file_is_no_checkpoint()
    {
        var bimb = await place.Bimb();
        await place.ConvertFails(ExitCode.Usage, "BIM7004", "tiny.bimb: expected a checkpoint, found a .bimb file, which is converted already; hint: convert the checkpoint", bimb);
    }

    [Fact]
    public Task Windows_go_with_a_text() =>
        place.ConvertFails(ExitCode.Usage, "BIM7002", "--context and --max-windows go with --validate", Workplace.BiMamba, "--context", "64");

    [Fact]
    public async Task An_embedding_is_not_quantized_twice()
    {
        var bimb = await place.Bimb();
        (await Cli.Run("convert", bimb, "-o", place["q8.bimb"], "--embedding", "q8")).Is(ExitCode.Ok);
        await place.ConvertFails(ExitCode.Usage, "BIM2107", "embedding.weight': expected floating point, found i8[256,192]", place["q8.bimb"], "--embedding", "q4");
    }

    [Fact]
    public async Task Logits_take_one_source_of_ids()
    {
        await place.Fails(ExitCode.Usage, "BIM7002", ["expected one of --ids and --ids-file"], "logits", Workplace.BiMamba, "-o", place["l.safetensors"]);
        await place.Fails(ExitCode.Usage, "BIM7002", ["expected one of --ids and --ids-file"], "logits", Workplace.BiMamba, "-o", place["l.safetensors"], "--ids", "1", "--ids-file", Workplace.Text);
    }

    [Fact]
    public async Task Inspect_has_one_form() =>
        await place.Fails(ExitCode.Usage, "BIM7002", ["expected at most one of --json, --ir, --fields and --hex"], "inspect", Workplace.BiMamba, "--json", "--ir");

    [Fact]
    public async Task Fields_are_those_of_a_file() =>
        await place.Fails(ExitCode.Usage, "BIM7004", ["tiny-bimamba-official: expected a file of a known kind (.bimb, .safetensors, .gguf), found a folder"], "inspect", Workplace.BiMamba, "--fields");

    [Fact]
    public async Task An_empty_prompt_has_no_continuation() =>
        await place.Fails(ExitCode.Usage, "BIM7001", ["--prompt: expected at least one token, found an empty text"], "generate", Workplace.BiMamba, "--prompt", "");

    [Fact]
    public async Task A_group_of_the_norm_divides_its_columns() =>
        await place.Fails(ExitCode.Usage, "BIM1318", ["7"], "inspect", Workplace.Mamba2, "--norm-group-size", "7");

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();
}
