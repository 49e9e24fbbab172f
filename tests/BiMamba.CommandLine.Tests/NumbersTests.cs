using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Formats.Spec;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>NaN, infinities and numbers that pass the range of what stores them are named; zeros divide nothing.</summary>
public sealed class NumbersTests : IDisposable
{
    // Every token passes by it.
    private const string OutProj = "backbone.layers.2.mixer.out_proj.weight";
    private const string InProj = "backbone.layers.0.mixer.in_proj.weight";
    private const string Embedding = "backbone.embeddings.weight";
    private const int Inner = 384;
    private const long Element = (3 * Inner) + 17;

    private readonly Workplace place = new();

    [Theory]
    [InlineData("f16", float.NaN, "NaN")]
    [InlineData("f16", float.NegativeInfinity, "-infinity")]
    [InlineData("bf16", float.NaN, "NaN")]
    [InlineData("f32", float.PositiveInfinity, "infinity")]
    public async Task A_weight_that_is_no_number_is_named_by_every_command(string type, float value, string named)
    {
        var model = type == "f16" ? place.Copy(Workplace.Mamba2) : await Export(type);
        SafetensorsPatch.Set(model, OutProj, Element, value);
        await AllNameIt(model, "layers.2.out_proj.weight'", named);
    }

    [Fact]
    public async Task A_scale_of_a_quantized_GGUF_file_that_is_no_number_is_named()
    {
        (await Cli.Run("export", Workplace.Mamba2, "--to", "gguf", "--type", "q8_0", "-o", place["model.gguf"], "--tokenizer", "bytes")).Is(ExitCode.Ok);
        var bytes = File.ReadAllBytes(place["model.gguf"]);
        var at = Offset(bytes, "blk.2.ssm_out.weight");
        // 34 bytes a block of 32: the 12 blocks of a row, a scale of fp16 before the codes of each.
        BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(at + (3 * 12 * 34)), Half.NaN);
        File.WriteAllBytes(place["model.gguf"], bytes);
        await AllNameIt(place["model.gguf"], "layers.2.out_proj.weight': element [3,0]", "NaN", "--tokenizer", "bytes");
    }

    [Fact]
    public async Task A_weight_of_a_torch_file_that_is_no_number_is_named()
    {
        var model = place.Copy(Workplace.BiMamba);
        // The embedding and its copy for the head have 256 rows of 192 columns in fp16.
        ChangeEntry(Path.Combine(model, "pytorch_model.bin"), 256 * 192 * 2, bytes => BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(2 * ((97 * 192) + 5)), Half.NaN));
        await AllNameIt(model, "embedding.weight': element [97,5]", "NaN");
    }

    [Fact]
    public async Task A_scale_of_a_bimb_file_that_is_infinite_is_named()
    {
        (await Cli.Run(["convert", Workplace.Mamba2, "-o", place["low.bimb"], "--pipeline", "billm{tensors=[\"*layers.2.out_proj*\"]} | pack", .. Calibration])).Is(ExitCode.Ok);
        var patch = new BimbPatch(place["low.bimb"]);
        var row = Enumerable.Range(0, 1000).Select(i => string.Create(CultureInfo.InvariantCulture, $"table.tensors[{i}]")).First(row => patch.Text(row + ".name").EndsWith("layers.2.out_proj.scale", StringComparison.Ordinal));
        var bytes = File.ReadAllBytes(place["low.bimb"]);
        BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan((int)patch.Get(row + ".offset")), Half.PositiveInfinity);
        patch.RehashTensor(row, bytes);
        patch.Rehash(bytes);
        File.WriteAllBytes(place["low.bimb"], bytes);
        await AllNameIt(place["low.bimb"], "layers.2.out_proj.scale': element [0,0,0]", "infinity");
    }

    [Theory]
    [InlineData("backbone.layers.1.mixer.norm.weight")]
    [InlineData("backbone.layers.1.mixer.conv1d.bias")]
    [InlineData("backbone.layers.1.mixer.A_log")]
    [InlineData("backbone.layers.1.mixer.dt_bias")]
    public async Task A_vector_that_is_no_number_is_named_before_calibration_meets_it(string tensor)
    {
        var model = place.Copy(Workplace.Mamba2);
        SafetensorsPatch.Set(model, tensor, 3, float.NaN);
        await place.ConvertFails(ExitCode.Malformed, "BIM2105", "element [3]: expected a finite number, found NaN", model);
        await place.Fails(ExitCode.Malformed, "BIM2105", ["element [3]: expected a finite number, found NaN"], ["convert", model, "-o", place["x.bimb"], "--method", "gptq", .. Calibration]);
        await place.Fails(ExitCode.Malformed, "BIM2105", ["element [3]: expected a finite number, found NaN"], "export", model, "--to", "gguf", "-o", place["x.gguf"]);
    }

    [Fact]
    public async Task Activations_that_overflow_are_named_by_block_value_and_token()
    {
        var model = await Export("f32");
        SafetensorsPatch.Change(model, "backbone.layers.1.mixer.out_proj.weight", (_, _) => 3e38f);
        string[] found = ["of block @layers.1, token 0, column ", "activations pass the range of fp32"];
        foreach (var engine in (string[])["fast", "reference"])
            await place.Fails(ExitCode.VerificationFailed, "BIM5005", ["the likelihood of window 0 is not finite", .. found], "eval", model, "--tokenizer", "bytes", "--text", Workplace.Text, "--context", "64", "--max-windows", "1", "--engine", engine);
        await place.Fails(ExitCode.VerificationFailed, "BIM5005", ["the logit of id 0 at token 0 is ", .. found], "logits", model, "--ids", "1,2,3", "-o", place["l.safetensors"]);
        var text = await Cli.Run("generate", model, "--tokenizer", "bytes", "--prompt", "x");
        Assert.Equal("x\n", text.Is(ExitCode.VerificationFailed).Output);
        Assert.Contains("error BIM5005: ", text.Error, StringComparison.Ordinal);
        await place.Fails(ExitCode.VerificationFailed, "BIM5005", ["the likelihood of choice 1 is not finite", .. found], "tasks", model, "--tokenizer", "bytes", "--task", "piqa=" + Repository.Golden("text", "tasks", "piqa.jsonl"));
        await place.Fails(ExitCode.VerificationFailed, "BIM5005", found, "audit-state", Workplace.Mamba2, model, "--text", Workplace.Text, "--context", "64", "--tokenizer", "bytes");
        await place.Fails(ExitCode.VerificationFailed, "BIM5005", found, "eval", Workplace.Mamba2, "--reference", model, "--protocol", "llamacpp-kl", "--text", Workplace.Text, "--context", "512", "--max-windows", "1");
        await place.Fails(ExitCode.VerificationFailed, "BIM5005", found, "sensitivity", model, "--tokenizer", "bytes", "--text", Workplace.Text, "--context", "64", "--max-windows", "1");
        await place.Fails(ExitCode.VerificationFailed, "BIM5005", found, "bisect", model, "--pipeline", "rtn");
        await place.Fails(ExitCode.Malformed, "BIM2114", ["expected finite inputs, found others from sample 0, token 0"], ["convert", model, "--tokenizer", "bytes", "-o", place["x.bimb"], "--pipeline", "gptq{tensors=[\"*layers.2.in_proj*\"]} | pack", .. Calibration]);
    }

    [Theory]
    [InlineData("rtn")]
    [InlineData("gptq")]
    public async Task A_row_wider_than_fp32_is_refused(string method)
    {
        var model = await Export("f32");
        SafetensorsPatch.Change(model, InProj, (i, old) => i switch { 192 => 3.3e38f, 193 => -3.3e38f, _ => old });
        // What such a row gives is not finite either: only the pass is asked.
        await place.Fails(ExitCode.Malformed, "BIM2105", ["row 1, column 0: the low-bit form of 3.3E+38 is not finite: its scales are fp32"], ["convert", model, "--tokenizer", "bytes", "-o", place["x.bimb"], "--method", method, .. method == "gptq" ? Calibration : []]);
    }

    [Fact]
    public async Task Scales_of_BiLLM_beyond_fp16_are_refused_and_those_below_show_as_loss()
    {
        var model = await Export("f32");
        SafetensorsPatch.Change(model, InProj, (_, old) => old * 1e7f);
        string[] billm = ["--tokenizer", "bytes", "-o", place["x.bimb"], "--pipeline", "billm{tensors=[\"*layers.0.in_proj*\"]} | pack", .. Calibration];
        await place.Fails(ExitCode.Malformed, "BIM2105", ["layers.0.in_proj.weight': row 0, column 0: the low-bit form of ", "is not finite: its scales and means are fp16, at most 65504; hint: leave the weight as it is with keep=[\"layers.0.in_proj.weight\"]"], ["convert", model, .. billm]);
        SafetensorsPatch.Change(model, InProj, (_, old) => old * 1e-20f);
        using var json = JsonDocument.Parse((await Cli.Run(["convert", model, "--json", .. billm])).Is(ExitCode.Ok).Output);
        var errors = json.RootElement.GetProperty("measurements").EnumerateArray().Where(row => row.GetProperty("measure").GetString() == "relative squared error");
        Assert.Equal(1, Assert.Single(errors).GetProperty("value").GetDouble());
    }

    [Theory]
    [InlineData("f16", 1e5f)]
    [InlineData("q8_0", 1e8f)]
    [InlineData("q4_0", 1e8f)]
    [InlineData("bf16", float.MaxValue)]
    public async Task A_weight_beyond_the_type_of_an_exported_file_is_named(string type, float value)
    {
        var model = await Export("f32");
        SafetensorsPatch.Set(model, OutProj, Element, value);
        var found = string.Create(CultureInfo.InvariantCulture, $"blk.2.ssm_out.weight': element [3,17]: expected a number that {type} can hold, found {value:R}");
        await place.Fails(ExitCode.Malformed, "BIM2105", [found], "export", model, "--tokenizer", "bytes", "--to", "gguf", "--type", type, "-o", place["x.gguf"]);
        if (type.Contains('f', StringComparison.Ordinal))
            await place.Fails(ExitCode.Malformed, "BIM2105", ["layers.2.out_proj.weight': element [3,17]: expected a number that "], "export", model, "--to", "safetensors", "--type", type, "-o", place["x"]);
    }

    [Fact]
    public async Task A_decay_beyond_fp32_is_named_where_a_file_stores_it()
    {
        var model = await Export("f32");
        SafetensorsPatch.Set(model, "backbone.layers.1.mixer.A_log", 2, 90);
        await place.Fails(ExitCode.Malformed, "BIM2105", ["blk.1.ssm_a': element [2,0]: expected a finite number, found -infinity"], "export", model, "--tokenizer", "bytes", "--to", "gguf", "-o", place["x.gguf"]);
    }

    [Fact]
    public async Task An_embedding_beyond_fp16_is_refused()
    {
        var model = await Export("f32");
        SafetensorsPatch.Set(model, Embedding, (7 * 192) + 5, 1e5f);
        await place.ConvertFails(ExitCode.Malformed, "BIM2105", "expected a number that fp16 can hold at row 7, column 5, found 100000", model, "--embedding", "f16");
        (await Cli.Run("convert", model, "-o", place["x.bimb"], "--embedding", "q8")).Is(ExitCode.Ok);
    }

    [Fact]
    public async Task Scales_of_Bi_Mamba_beyond_fp16_are_refused_where_fp16_is_asked_for()
    {
        (await Cli.Run("convert", Workplace.BiMamba, "--method", "none", "-o", place["plain.bimb"])).Is(ExitCode.Ok);
        (await Cli.Run("export", place["plain.bimb"], "--to", "safetensors", "--layout", "bi-mamba", "-o", place["model"])).Is(ExitCode.Ok);
        SafetensorsPatch.Set(place["model"], "backbone.layers.1.mixer.in_proj.wscale", 5, 1e5f);
        (await Cli.Run("convert", place["model"], "-o", place["x.bimb"])).Is(ExitCode.Ok);
        await place.ConvertFails(ExitCode.Malformed, "BIM2105", "the levels of column 5 are not finite as fp16: its scale or shift passes 65504", place["model"], "--fidelity", "official-fp16");
        SafetensorsPatch.Set(place["model"], "backbone.layers.1.mixer.in_proj.wscale", 5, float.NaN);
        await place.ConvertFails(ExitCode.Malformed, "BIM2105", "5]: expected a finite number, found NaN", place["model"]);
    }

    [Theory]
    [InlineData("rtn")]
    [InlineData("gptq")]
    [InlineData("billm")]
    [InlineData("xnor")]
    [InlineData("onebit")]
    [InlineData("ternary")]
    public async Task Zeros_and_constants_divide_nothing(string method)
    {
        var model = await Export("f32");
        // A row and a column of zeros, a whole weight of them, one of a constant, and one of numbers that have few digits.
        SafetensorsPatch.Change(model, InProj, (i, old) => i / 192 == 4 || i % 192 == 9 ? 0 : old);
        SafetensorsPatch.Change(model, "backbone.layers.1.mixer.in_proj.weight", (_, _) => 0);
        SafetensorsPatch.Change(model, OutProj, (_, _) => 0.25f);
        SafetensorsPatch.Change(model, "backbone.layers.3.mixer.in_proj.weight", (_, old) => old * 1e-42f);
        SafetensorsPatch.Change(model, Embedding, (i, old) => i % 192 == 3 ? 0 : old);
        string[] calibrated = method is "gptq" or "billm" ? Calibration : [];
        (await Cli.Run(["convert", model, "--tokenizer", "bytes", "-o", place["x.bimb"], "--method", method, .. calibrated])).Is(ExitCode.Ok);
        var result = (await Cli.Run("eval", place["x.bimb"], "--text", Workplace.Text, "--context", "64", "--max-windows", "2", "--json")).Is(ExitCode.Ok);
        using var json = JsonDocument.Parse(result.Output);
        Assert.True(double.IsFinite(json.RootElement.GetProperty("perplexity").GetDouble()));
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    private static string[] Calibration => ["--calibration", Workplace.Text, "--nsamples", "1", "--seqlen", "32"];

    /// <summary>Commands that run or store a model name the first weight that is none, with code 4, and write nothing.</summary>
    private async Task AllNameIt(string model, string tensor, string value, params string[] options)
    {
        string[] mentions = [tensor, $"expected a finite number, found {value}"];
        Task Names(params string[] args) => place.Fails(ExitCode.Malformed, "BIM2105", mentions, args);
        string[] bytes = model.EndsWith(".bimb", StringComparison.Ordinal) ? [] : ["--tokenizer", "bytes"];
        // What is converted already can only be recoded.
        string[] recoding = bytes.Length > 0 ? [] : ["--embedding", "q8"];
        await Names(["convert", model, "-o", place["x.bimb"], .. recoding, .. options]);
        await Names(["eval", model, "--text", Workplace.Text, "--context", "256", "--max-windows", "1", .. bytes]);
        await Names(["eval", model, "--text", Workplace.Text, "--context", "256", "--max-windows", "1", "--engine", "reference", "--state", "bf16", .. bytes]);
        await Names(["logits", model, "--ids", "97,98,99", "-o", place["l.safetensors"], .. options]);
        await Names(["export", model, "--to", "safetensors", "-o", place["exported"], .. options]);
        await Names(["bisect", model, "--pipeline", "rename", .. options]);
        var generated = await Cli.Run(["generate", model, "--prompt", "a", .. bytes]);
        Assert.Equal("a\n", generated.Is(ExitCode.Malformed).Output);
        Assert.All(mentions, mention => Assert.Contains(mention, generated.Error, StringComparison.Ordinal));
        await Names(["tasks", model, "--task", "piqa=" + Repository.Golden("text", "tasks", "piqa.jsonl"), .. bytes]);
    }

    private async Task<string> Export(string type)
    {
        (await Cli.Run("export", Workplace.Mamba2, "--to", "safetensors", "--type", type, "-o", place["model"])).Is(ExitCode.Ok);
        return place["model"];
    }

    /// <summary>The place of the data of a tensor in a GGUF file.</summary>
    private static int Offset(byte[] file, string tensor)
    {
        var tree = SpecReader.Read(FormatTable.Find("gguf")!.Spec, SpecSource.Of("model.gguf", file), new DiagnosticBag());
        var row = Enumerable.Range(0, 1000).Select(i => string.Create(CultureInfo.InvariantCulture, $"tensors[{i}]")).First(row => ((SpecTextNode)SpecPaths.Find(tree.Root, row + ".name")!).Value == tensor);
        return (int)(tree.Root["data"].Offset + ((SpecIntegerNode)SpecPaths.Find(tree.Root, row + ".offset")!).Int64);
    }

    /// <summary>Changes the entries of a zip file that have a length.</summary>
    private static void ChangeEntry(string path, int length, Action<byte[]> change)
    {
        var entries = new List<(string Name, byte[] Bytes)>();
        using (var zip = ZipFile.OpenRead(path))
        {
            foreach (var entry in zip.Entries)
            {
                using var stream = entry.Open();
                var bytes = new byte[entry.Length];
                stream.ReadExactly(bytes);
                entries.Add((entry.FullName, bytes));
            }
        }

        Assert.All(entries.Where(entry => entry.Bytes.Length == length).Select(entry => entry.Bytes), change);
        File.Delete(path);
        using var target = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, bytes) in entries)
        {
            using var stream = target.CreateEntry(name, CompressionLevel.NoCompression).Open();
            stream.Write(bytes);
        }
    }
}
