using System.Globalization;
using System.Text;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Formats.Safetensors;
using BiMamba.Tensors;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>logits and generate against what the reference implementations computed.</summary>
public sealed class ReferenceTests : IDisposable
{
    private const double Bound = 2e-4;
    private readonly Workplace place = new();

    [Theory]
    [InlineData("tiny-bimamba-official")]
    [InlineData("tiny-mamba2-hf")]
    public async Task Logits_are_those_of_the_reference(string name)
    {
        var reference = Repository.Golden("models", name + ".logits.safetensors");
        var ids = string.Join(',', Ids(reference, "input_ids").Select(id => id.ToString(CultureInfo.InvariantCulture)));
        var model = Repository.Golden("models", name);
        (await Cli.Run("convert", model, "-o", place["tiny.bimb"])).Is(ExitCode.Ok);
        (await Cli.Run("logits", model, "--ids", ids, "-o", place["whole.safetensors"])).Is(ExitCode.Ok);
        (await Cli.Run("logits", model, "--ids", ids, "-o", place["steps.safetensors"], "--stepwise", "--threads", "1")).Is(ExitCode.Ok);
        (await Cli.Run("logits", place["tiny.bimb"], "--ids-file", place.Write("a.ids", ids), "-o", place["bimb.safetensors"])).Is(ExitCode.Ok);
        (await Cli.Run("logits", place["tiny.bimb"], "--ids-file", NumPy(ids), "-o", place["bimb-steps.safetensors"], "--stepwise")).Is(ExitCode.Ok);
        Assert.Equal(File.ReadAllBytes(place["whole.safetensors"]), File.ReadAllBytes(place["steps.safetensors"]));
        Assert.Equal(File.ReadAllBytes(place["bimb.safetensors"]), File.ReadAllBytes(place["bimb-steps.safetensors"]));
        var whole = Floats(place["whole.safetensors"]);
        Assert.Equal(192 * 256, whole.Length);
        Assert.InRange(Distance(whole, Floats(reference)), 0, Bound);
        Assert.InRange(Distance(whole, Floats(place["bimb.safetensors"])), 0, Bound);
    }

    [Theory]
    [InlineData("tiny-bimamba-official")]
    [InlineData("tiny-mamba2-hf")]
    public async Task Greedy_text_is_that_of_the_reference(string name)
    {
        const int PromptIds = 64;
        var greedy = Ids(Repository.Golden("models", name + ".logits.safetensors"), "greedy_ids");
        var prompt = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. greedy[..PromptIds].Select(id => (byte)id)]);
        (await Cli.Run("convert", Repository.Golden("models", name), "-o", place["tiny.bimb"])).Is(ExitCode.Ok);
        foreach (var model in (string[])[Repository.Golden("models", name), place["tiny.bimb"]])
        {
            var outcome = (await Cli.Run("generate", model, "--prompt=" + prompt, "-n", "64", "--json")).Is(ExitCode.Ok);
            using var json = JsonDocument.Parse(outcome.Output);
            Assert.Equal(greedy, json.RootElement.GetProperty("promptIds").EnumerateArray().Concat(json.RootElement.GetProperty("ids").EnumerateArray()).Select(id => id.GetInt32()).ToArray());
            var text = (await Cli.Run("generate", model, "--prompt=" + prompt, "-n", "64")).Is(ExitCode.Ok);
            Assert.Equal(prompt + json.RootElement.GetProperty("text").GetString() + "\n", text.Output);
        }
    }

    [Fact]
    public async Task Sampling_depends_on_its_seed_alone()
    {
        async Task<string> Sample(string seed, string threads) =>
            (await Cli.Run("generate", Workplace.BiMamba, "--prompt", "@It", "-n", "24", "--temperature", "1.5", "--top-k", "40", "--seed", seed, "--threads", threads)).Is(ExitCode.Ok).Output;
        var first = await Sample("1", "1");
        Assert.StartsWith("@It", first, StringComparison.Ordinal);
        Assert.Equal(first, await Sample("1", "2"));
        Assert.NotEqual(first, await Sample("2", "2"));
        Assert.Equal(await Greedy(), (await Cli.Run("generate", Workplace.BiMamba, "--prompt", "@It", "-n", "24", "--temperature", "3", "--top-k", "1")).Is(ExitCode.Ok).Output);
    }

    [Fact]
    public async Task No_tokens_are_the_prompt() =>
        Assert.Equal("Ü\n", (await Cli.Run("generate", Workplace.BiMamba, "--prompt", "Ü", "-n", "0")).Is(ExitCode.Ok).Output);

    [Fact]
    public async Task Eval_scores_a_bimb_file_as_its_checkpoint()
    {
        async Task<double> Perplexity(string model, string threads)
        {
            var outcome = (await Cli.Run("eval", model, "--text", Workplace.Text, "--context", "128", "--max-windows", "4", "--threads", threads, "--json")).Is(ExitCode.Ok);
            using var json = JsonDocument.Parse(outcome.Output);
            return json.RootElement.GetProperty("perplexity").GetDouble();
        }

        var source = await Perplexity(Workplace.BiMamba, "1");
        Assert.Equal(source, await Perplexity(Workplace.BiMamba, "2"));
        Assert.Equal(source, await Perplexity(await place.Bimb(), "2"), 1e-5);
    }

    [Fact]
    public async Task Eval_says_how_the_model_was_run()
    {
        async Task<JsonElement> Eval(params string[] options)
        {
            var outcome = (await Cli.Run(["eval", Workplace.BiMamba, "--text", Workplace.Text, "--context", "128", "--max-windows", "4", "--json", .. options])).Is(ExitCode.Ok);
            return JsonSerializer.Deserialize<JsonElement>(outcome.Output);
        }

        var (fast, batched, narrow) = (await Eval(), await Eval("--batch", "1"), await Eval("--engine", "reference", "--state", "bf16"));
        Assert.Equal(("fast", "f32"), (fast.GetProperty("engine").GetString(), fast.GetProperty("state").GetString()));
        Assert.Equal(("reference", "bf16"), (narrow.GetProperty("engine").GetString(), narrow.GetProperty("state").GetString()));
        Assert.Equal(fast.GetRawText(), batched.GetRawText());
        Assert.NotEqual(fast.GetProperty("nll").GetDouble(), narrow.GetProperty("nll").GetDouble());
        Assert.Equal(fast.GetProperty("nll").GetDouble(), narrow.GetProperty("nll").GetDouble(), 0.01);
    }

    [Fact]
    public async Task Logits_of_the_fast_engine_are_near_and_those_of_steps_the_same()
    {
        var ids = string.Join(',', Enumerable.Range(32, 90));
        var bimb = await place.Bimb();
        (await Cli.Run("logits", bimb, "--ids", ids, "-o", place["reference.safetensors"])).Is(ExitCode.Ok);
        (await Cli.Run("logits", bimb, "--ids", ids, "-o", place["fast.safetensors"], "--engine", "fast")).Is(ExitCode.Ok);
        (await Cli.Run("logits", bimb, "--ids", ids, "-o", place["steps.safetensors"], "--engine", "fast", "--stepwise")).Is(ExitCode.Ok);
        var fast = Floats(place["fast.safetensors"]);
        Assert.InRange(Distance(Floats(place["reference.safetensors"]), fast), float.Epsilon, Bound);
        Assert.Equal(fast, Floats(place["steps.safetensors"]));
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private static async Task<string> Greedy() => (await Cli.Run("generate", Workplace.BiMamba, "--prompt", "@It", "-n", "24")).Is(ExitCode.Ok).Output;

    private static TensorArchive Open(string path)
    {
        var diagnostics = new DiagnosticBag();
        var archive = SafetensorsReader.OpenFile(path, diagnostics);
        Assert.True(archive is not null, string.Join('\n', diagnostics.Items));
        return archive;
    }

    private static int[] Ids(string path, string name)
    {
        using var archive = Open(path);
        return [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(archive.Tensors[name].Tensor.ToBytes()).ToArray().Select(id => checked((int)id))];
    }

    private static float[] Floats(string path)
    {
        using var archive = Open(path);
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(archive.Tensors["logits"].Tensor.ToBytes()).ToArray();
    }

    private static double Distance(float[] left, float[] right)
    {
        Assert.Equal(left.Length, right.Length);
        Assert.All(left, value => Assert.True(float.IsFinite(value)));
        return left.Zip(right, (a, b) => Math.Abs((double)a - b)).Max();
    }

    /// <summary>The ids as an array of int32 in a NumPy file.</summary>
    private string NumPy(string ids)
    {
        var values = ids.Split(',').Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToArray();
        var header = $"{{'descr': '<i4', 'fortran_order': False, 'shape': ({values.Length},), }}".PadRight(117) + "\n";
        return place.Write("a.npy", [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())]);
    }
}
