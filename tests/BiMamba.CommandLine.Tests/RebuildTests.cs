using System.Text;
using System.Text.Json;
using BiMamba.Diagnostics;
using BiMamba.Tokenizers;

namespace BiMamba.CommandLine.Tests;

/// <summary>bimambac rebuild: a file is made again from its recipe, and what is not as the recipe gives it is named.</summary>
public sealed class RebuildTests : IDisposable
{
    private const string Equal = "module equal, tokenizer equal, recipe equal, file equal byte for byte\n";

    private static readonly string[] Calibration = ["--calibration", Workplace.Text];
    private static readonly string[] Windows = ["--nsamples", "2", "--seqlen", "48", "--seed", "5"];

    private readonly Workplace place = new();

    private string File => place["made.bimb"];

    /// <summary>Options of a conversion, each of which the recipe has to keep.</summary>
    public static TheoryData<string, string[]> Conversions => new()
    {
        { Workplace.BiMamba, [] },
        { Workplace.BiMamba, ["--fidelity", "official-fp16", "--embedding", "q4"] },
        { Workplace.BiMamba, ["--pipeline", "fold-fbi{fidelity=official-fp16} | untie | pack"] },
        { Workplace.BiMamba, ["--pipeline", "@fbi-small"] },
        { Workplace.BiMamba, ["--method", "none", "--tokenizer", "bytes"] },
        { Workplace.Mamba2, ["--norm-group-size", "64"] },
        { Workplace.Mamba2, ["--method", "rtn", "--keep", "in_proj[dt]", "--rule", "in_proj[B,C]:bits=8", "--embedding", "q8"] },
    };

    [Theory]
    [MemberData(nameof(Conversions))]
    public async Task A_recipe_makes_the_same_bytes(string source, string[] options)
    {
        await Convert(source, options);
        var files = Files();
        Assert.EndsWith(Equal, (await Check(source, "--threads", "1")).Is(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Equal(files, Files());
        var outcome = (await Rebuild(source, "-o", place["again.bimb"], "--check")).Is(ExitCode.Ok);
        Assert.Matches(@"^.*again\.bimb: .*, written and verified\n.*: (\d+) of \1 tensors equal, ", outcome.Output);
        Assert.EndsWith(Equal, outcome.Output, StringComparison.Ordinal);
        Assert.Equal(Bytes(File), Bytes(place["again.bimb"]));
    }

    [Theory]
    [InlineData("gptq{bits=3, group=64, act_order=true, percdamp=0.05} | pack")]
    [InlineData("gptq{true_sequential=false, rules=[\"out_proj:bits=3\"]} | quantize-embedding | pack")]
    [InlineData("billm{compat=bimamba-release} | pack")]
    public async Task A_calibrated_conversion_takes_its_text_and_the_windows_of_the_recipe(string pipeline)
    {
        await Convert(Workplace.Mamba2, ["--pipeline", pipeline, .. Calibration, .. Windows]);
        var files = Files();
        Assert.EndsWith(Equal, (await Check(Workplace.Mamba2, Calibration)).Is(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.Equal(files, Files());
        (await Rebuild(Workplace.Mamba2, [.. Calibration, "-o", place["again.bimb"]])).Is(ExitCode.Ok);
        Assert.Equal([.. files, place["again.bimb"]], Files());
        Assert.Equal(Bytes(File), Bytes(place["again.bimb"]));
    }

    [Fact]
    public async Task Bits_that_were_chosen_for_a_size_are_not_measured_again()
    {
        await Convert(Workplace.Mamba2, "--method", "rtn", "--target-bpw", "3.5", "--validate", place.Write("short.txt", "A text of some bytes."), "--context", "16");
        Assert.EndsWith(Equal, (await Check(Workplace.Mamba2)).Is(ExitCode.Ok).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_GGUF_file_and_a_bimb_file_are_sources_too()
    {
        (await Cli.Run("export", Workplace.Mamba2, "--to", "gguf", "--type", "q8_0", "-o", place["model.gguf"])).Is(ExitCode.Ok);
        await Convert(place["model.gguf"], ["--method", "gptq", .. Calibration, .. Windows]);
        Assert.EndsWith(Equal, (await Check(place["model.gguf"], Calibration)).Is(ExitCode.Ok).Output, StringComparison.Ordinal);

        // What was calibrated before is part of the source: no pass of this recipe looks at the text.
        System.IO.File.Move(File, place["first.bimb"]);
        await Convert(place["first.bimb"], "--embedding", "q4");
        Assert.EndsWith(Equal, (await Check(place["first.bimb"])).Is(ExitCode.Ok).Output, StringComparison.Ordinal);
        await place.Fails(ExitCode.Usage, "BIM7002", ["--calibration goes with a recipe"], ["rebuild", File, "--source", place["first.bimb"], "--check", .. Calibration]);
    }

    [Fact]
    public async Task Files_that_lie_elsewhere_are_known_by_their_bytes()
    {
        var model = place.Copy(Workplace.BiMamba);
        Directory.CreateDirectory(place["apart"]);
        System.IO.File.Move(System.IO.Path.Combine(model, "config.json"), place["apart/settings.json"]);
        await Convert(System.IO.Path.Combine(model, "pytorch_model.bin"), "--config", place["apart/settings.json"]);
        System.IO.File.Move(System.IO.Path.Combine(model, "pytorch_model.bin"), place["renamed.bin"]);
        var outcome = (await Check(place["renamed.bin"], "--config", place["apart/settings.json"])).Is(ExitCode.Ok);
        Assert.Matches(@"sources\[0\]\.name +pytorch_model\.bin +renamed\.bin\n", outcome.Output);
        Assert.EndsWith("78 of 78 tensors equal, module equal, tokenizer equal, recipe different, file different\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_source_is_refused()
    {
        var model = place.Copy(Workplace.Mamba2);
        await Convert(model, "--method", "rtn");
        var shard = System.IO.Path.Combine(model, "model-00003-of-00004.safetensors");
        var bytes = Bytes(shard);
        bytes[^1] ^= 1;
        System.IO.File.WriteAllBytes(shard, bytes);
        await Refused(ExitCode.VerificationFailed, "BIM7032", "model-00003-of-00004.safetensors: expected SHA-256 ", "--source", model);
        var other = place.Copy(Workplace.BiMamba, "other");
        await Refused(ExitCode.VerificationFailed, "BIM7031", "expected model-00001-of-00004.safetensors with SHA-256 ", "--source", other);
    }

    [Fact]
    public async Task Inputs_that_are_not_given_are_named_with_their_hashes()
    {
        await Convert(Workplace.Mamba2, ["--method", "billm", .. Calibration, .. Windows]);
        await Refused(ExitCode.InputMissing, "BIM7031", "recipe.sources: expected --source with the model that the file was made of: config.json with SHA-256 ");
        await Refused(ExitCode.InputMissing, "BIM7031", "recipe.calibration: expected --calibration with the text that passes looked at: held-64k.txt with SHA-256 ", "--source", Workplace.Mamba2);
        await Refused(ExitCode.InputMissing, "BIM1001", "absent.txt", "--source", Workplace.Mamba2, "--calibration", place["absent.txt"]);
        await Refused(ExitCode.InputMissing, "BIM1001", "absent", ["--source", place["absent"], .. Calibration]);
        var text = place.Write("other.txt", [.. Bytes(Workplace.Text), 10]);
        await Refused(ExitCode.VerificationFailed, "BIM7032", "other.txt: expected held-64k.txt with SHA-256 ", "--source", Workplace.Mamba2, "--calibration", text);
    }

    [Fact]
    public async Task A_changed_tensor_is_named()
    {
        await Convert(Workplace.BiMamba);
        var patch = new BimbPatch(File);
        var bytes = Bytes(File);
        string[] names = [.. Enumerable.Range(0, 78).Select(i => patch.Text($"table.tensors[{i}].name"))];
        var (first, second) = ("layers.1.conv.weight", "layers.4.norm.weight");
        string[] rows = [.. ((string[])[first, second]).Select(name => $"table.tensors[{Array.IndexOf(names, name)}]")];
        foreach (var row in rows)
            bytes[patch.Get(row + ".offset")] ^= 1;
        place.Write("broken.bimb", bytes);
        await place.Fails(ExitCode.VerificationFailed, "BIM4014", [first], "rebuild", place["broken.bimb"], "--source", Workplace.BiMamba, "--check");

        foreach (var row in rows)
            patch.RehashTensor(row, bytes);
        patch.Rehash(bytes);
        place.Write("changed.bimb", bytes);
        (await Cli.Run("verify", place["changed.bimb"])).Is(ExitCode.Ok);
        var (expected, found) = (await Hashes(File), await Hashes(place["changed.bimb"]));
        var outcome = (await Cli.Run("rebuild", place["changed.bimb"], "--source", Workplace.BiMamba, "--check")).Is(ExitCode.VerificationFailed);
        Assert.Matches($@"error BIM7033: .*changed\.bimb: tensor '{first}' @0x[0-9A-F]+: expected \S+ with SHA-256 {expected[first]}, found \S+ with SHA-256 {found[first]}; hint: 2 of 78 tensors differ: ", outcome.Error);
        var lines = outcome.Output.Split('\n');
        Assert.StartsWith($"{first} ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith($"{second} ", lines[2], StringComparison.Ordinal);
        Assert.Equal(["", $"{place["changed.bimb"]}: 76 of 78 tensors equal, module equal, tokenizer equal, recipe equal, file different", ""], lines[3..]);
    }

    [Fact]
    public async Task A_recipe_of_another_conversion_is_found()
    {
        await Convert(Workplace.BiMamba, "--pipeline", "fold-fbi | quantize-embedding{bits=8} | pack");
        var outcome = (await Cli.Run("rebuild", Edit("bits=8", "bits=4"), "--source", Workplace.BiMamba, "--check", "--json")).Is(ExitCode.VerificationFailed);
        using var json = JsonDocument.Parse(outcome.Output);
        var check = json.RootElement.GetProperty("check");
        Assert.False(check.GetProperty("modelEqual").GetBoolean() || check.GetProperty("fileEqual").GetBoolean());
        Assert.Equal(JsonValueKind.Null, check.GetProperty("moduleDifference").ValueKind);
        var different = check.GetProperty("tensorDifferences").EnumerateArray().ToArray();
        Assert.Contains(different, pair => pair.GetProperty("file").GetProperty("type").GetString() == "i8[256,192]" && pair.GetProperty("rebuilt").GetProperty("type").GetString() == "i4[256,192]");
        Assert.Equal(check.GetProperty("tensors").GetInt32() - different.Length, check.GetProperty("tensorsEqual").GetInt32());
        Assert.Contains("BIM7033", json.RootElement.GetProperty("diagnostics").EnumerateArray().Select(row => row.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Another_module_is_named_by_its_first_line()
    {
        await Convert(Workplace.BiMamba, "--pipeline", "fold-fbi | untie | pack");
        var outcome = (await Cli.Run("rebuild", Edit(" | untie", "        "), "--source", Workplace.BiMamba, "--check")).Is(ExitCode.VerificationFailed);
        Assert.Matches(@"error BIM7033: .*edited\.bimb: tensor '\S+' @0x[0-9A-F]+: expected no such tensor, found f16\[256,192\] with SHA-256 ", outcome.Error);
        Assert.Matches(@"error BIM7033: .*edited\.bimb: module: expected '.*', found '.*'; hint: ", outcome.Error);
        Assert.Contains(" tensors equal, module different, tokenizer equal, recipe different, file different\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_version_is_judged_by_its_model()
    {
        await Convert(Workplace.BiMamba);
        var outcome = (await Cli.Run("rebuild", Edit("\"version\": \"", "\"version\" :\""), "--source", Workplace.BiMamba, "--check")).Is(ExitCode.Ok);
        Assert.EndsWith("78 of 78 tensors equal, module equal, tokenizer equal, recipe different, file different\n", outcome.Output, StringComparison.Ordinal);
        outcome = (await Cli.Run("rebuild", Edit(Version(), new string('9', Version().Length)), "--source", Workplace.BiMamba, "--check")).Is(ExitCode.Ok);
        Assert.Contains("note BIM7034: ", outcome.Error, StringComparison.Ordinal);
        Assert.Matches(@"^recipe +in the file +rebuilt\nversion +9+ +\d", outcome.Output);
    }

    [Theory]
    [InlineData("recipe.tool: expected bimambac, found 'bimambad'", "bimambac", "bimambad")]
    [InlineData("recipe.schemaVersion: expected 1, found 7", "\"schemaVersion\": 1", "\"schemaVersion\": 7")]
    [InlineData("recipe.pipeline: expected the passes", "\"pipeline\"", "\"pipelime\"")]
    [InlineData("recipe.sources: expected name and sha256", "\"sha256\"", "\"sha257\"")]
    [InlineData("recipe.importFidelity: expected latent or official-fp16, found 'latenz'", "\"latent\"", "\"latenz\"")]
    [InlineData("recipe: expected the recipe of a conversion, found text that is no JSON", "\"tool\":", "\"tool\"=")]
    [InlineData("recipe: expected the recipe of a conversion, found another value at $.schemaVersion", "\"schemaVersion\": 1", "\"schemaVersion\":\"\"")]
    public async Task A_recipe_that_does_not_say_it_all_is_refused(string mention, string from, string to)
    {
        await Convert(Workplace.BiMamba);
        var file = Edit(from, to);
        var outcome = await Cli.Run("rebuild", file, "--source", Workplace.BiMamba, "--check");
        Workplace.CheckFailure(outcome, ExitCode.Unsupported, "BIM7030", mention);
    }

    [Fact]
    public async Task A_tokenizer_of_another_hash_is_refused()
    {
        await Convert(Workplace.BiMamba);
        var hash = new BytesTokenizer().Hash;
        Workplace.CheckFailure(await Cli.Run("rebuild", Edit(hash, new string('0', hash.Length)), "--source", Workplace.BiMamba, "--check"), ExitCode.VerificationFailed, "BIM7032", "expected a tokenizer with SHA-256 0000");
    }

    [Fact]
    public async Task Nothing_is_replaced_unasked_and_no_input_ever()
    {
        await Convert(Workplace.BiMamba);
        var other = place.Write("other.bimb", new string('x', 1000));
        await Refused(ExitCode.OutputRefused, "BIM6001", "other.bimb", "--source", Workplace.BiMamba, "-o", other);
        await Refused(ExitCode.OutputRefused, "BIM6003", "made.bimb", "--source", Workplace.BiMamba, "-o", File, "--force");
        var model = place.Copy(Workplace.BiMamba);
        await Refused(ExitCode.OutputRefused, "BIM6003", "config.json", "--source", model, "-o", System.IO.Path.Combine(model, "config.json"), "--force");
        await place.Fails(ExitCode.Usage, "BIM7001", ["expected --check, --output or both"], "rebuild", File, "--source", Workplace.BiMamba);
        await place.Fails(ExitCode.Malformed, "BIM4001", ["other.bimb"], "rebuild", other, "--source", Workplace.BiMamba, "--check");
    }

    public void Dispose() => place.Dispose();

    private static byte[] Bytes(string path) => System.IO.File.ReadAllBytes(path);

    private async Task Convert(string source, params string[] options) => (await Cli.Run(["convert", source, "-o", File, .. options])).Is(ExitCode.Ok);

    private Task<Outcome> Rebuild(string source, params string[] options) => Cli.Run(["rebuild", File, "--source", source, .. options]);

    private Task<Outcome> Check(string source, params string[] options) => Rebuild(source, [.. options, "--check"]);

    private Task<Outcome> Refused(ExitCode code, string id, string mention, params string[] options) => place.Fails(code, id, [mention], ["rebuild", File, "--check", .. options]);

    private string[] Files() => [.. Directory.GetFileSystemEntries(place.Path, "*", SearchOption.AllDirectories).OrderDescending(StringComparer.Ordinal)];

    private static async Task<Dictionary<string, string>> Hashes(string file)
    {
        using var json = JsonDocument.Parse((await Cli.Run("inspect", file, "--json")).Is(ExitCode.Ok).Output);
        return json.RootElement.GetProperty("tensors").EnumerateArray().ToDictionary(row => row.GetProperty("name").GetString()!, row => row.GetProperty("sha256").GetString()!, StringComparer.Ordinal);
    }

    private string Version()
    {
        using var json = JsonDocument.Parse(new BimbPatch(File).Text("recipe"));
        return json.RootElement.GetProperty("version").GetString()!;
    }

    /// <summary>A copy of the file in whose recipe a text stands in place of another of its length, with right hashes.</summary>
    private string Edit(string from, string to)
    {
        Assert.Equal(from.Length, to.Length);
        var patch = new BimbPatch(File);
        var recipe = patch.Text("recipe");
        Assert.Contains(from, recipe, StringComparison.Ordinal);
        var bytes = Bytes(File);
        Encoding.UTF8.GetBytes(recipe.Replace(from, to, StringComparison.Ordinal)).CopyTo(bytes, patch.Offset("recipe"));
        patch.Rehash(bytes);
        return place.Write("edited.bimb", bytes);
    }
}
