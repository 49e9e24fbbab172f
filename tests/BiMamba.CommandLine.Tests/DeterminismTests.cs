using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using BiMamba.Diagnostics;
using BiMamba.Testing;

namespace BiMamba.CommandLine.Tests;

/// <summary>
/// What a command writes is the same in every byte with any number of threads and with any instruction set, in processes
/// of their own. <c>BIMAMBA_DETERMINISM=1</c> runs every command in every setting, and over the shared models as well.
/// </summary>
public sealed class DeterminismTests : IDisposable
{
    private const string HardwareFile = "BIMAMBA_HARDWARE_FILE";

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("BIMAMBA_DETERMINISM") == "1";

    private static readonly string[] Calibration = ["--calibration", Workplace.Text, "--nsamples", "2", "--seqlen", "48"];

    private readonly Workplace place = new();

    /// <summary>Where a command runs: its threads, and an instruction set that it has to do without.</summary>
    /// <param name="Threads">Threads.</param>
    /// <param name="Without">The variable that switches the set off, or an empty text.</param>
    private sealed record Setting(int Threads, string Without)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Threads} threads{(Without.Length > 0 ? $", {Without}=0" : "")}");
    }

    /// <summary>A command line in which $OUT is what it writes; without it, stdout is compared.</summary>
    public static TheoryData<string, string> Commands => new()
    {
        { "fold-fbi", "convert $BIMAMBA -o $OUT" },
        { "quantize-embedding", "convert $BIMAMBA -o $OUT --fidelity official-fp16 --embedding q4" },
        { "rtn", "convert $MAMBA2 -o $OUT --pipeline rtn{bits=4,mse=true,tensors=[\"*layers.0.out_proj*\"]}|rtn{bits=3,group=64,tensors=[\"*in_proj*\"]}|quantize-embedding{bits=8}|pack" },
        { "gptq", "convert $MAMBA2 -o $OUT --pipeline gptq{bits=3,group=64,act_order=true,tensors=[\"*layers.0.*_proj*\",\"*layers.3.*_proj*\"]}|pack $CALIBRATION" },
        { "billm", "convert $MAMBA2 -o $OUT --pipeline billm{tensors=[\"*layers.0.*_proj*\",\"*layers.3.out_proj*\"]}|pack $CALIBRATION" },
        { "ternary", "convert $MAMBA2 -o $OUT --method ternary" },
        { "onebit", "convert $MAMBA2 -o $OUT --method onebit" },
        { "xnor", "convert $MAMBA2 -o $OUT --method xnor" },
        { "gguf", "export $BIMAMBA --to gguf --type q4_0 -o $OUT" },
        { "safetensors", "export $BIMAMBA --to safetensors --type bf16 -o $OUT" },
        { "planes", "export $MADE --to safetensors --layout packed -o $OUT" },
        { "eval", "eval $MADE --text $TEXT --context 128 --max-windows 2 --json" },
        { "eval-reference", "eval $MAMBA2 --text $TEXT --context 96 --max-windows 1 --engine reference --json" },
        { "eval-bf16", "eval $MADE --text $TEXT --context 64 --max-windows 1 --state bf16 --json" },
        { "logits", "logits $MADE --ids 72,101,108,108,111,44,32,119,111,114,108,100 --engine fast -o $OUT" },
        { "logits-reference", "logits $MAMBA2 --ids 72,101,108,108,111,44,32,119,111,114,108,100 -o $OUT" },
        { "generate", "generate $MADE --prompt Once -n 24" },
        { "rebuild", "rebuild $MADE --source $BIMAMBA --check -o $OUT" },
    };

    /// <summary>The first is what the others are compared with; each set is switched off once, beside another number of threads.</summary>
    private static Setting[] Settings => IsLong
        ? [new(2, ""), .. ((int[])[1, 2, 7]).SelectMany(threads => ((string[])["", "DOTNET_EnableAVX512", "DOTNET_EnableAVX2", "DOTNET_EnableHWIntrinsic"]).Select(set => new Setting(threads, set)))]
        : [new(2, ""), new(7, "DOTNET_EnableAVX512"), new(1, "DOTNET_EnableAVX2"), new(2, "DOTNET_EnableHWIntrinsic")];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_command_gives_the_same_bytes_everywhere(string name, string command)
    {
        if (command.Contains("$MADE", StringComparison.Ordinal))
            await place.Bimb("made.bimb");
        await Compare(name, command, Workplace.BiMamba, Workplace.Mamba2);
    }

    [Theory]
    [InlineData("convert $BIMAMBA -o $OUT")]
    [InlineData("convert $MAMBA2 -o $OUT --method gptq $CALIBRATION")]
    [InlineData("convert $MAMBA2 -o $OUT --method billm $CALIBRATION")]
    [InlineData("sensitivity $MAMBA2 --text $TEXT --context 48 --max-windows 1 --bits 3 --json")]
    public async Task Whole_models_do(string command)
    {
        Assert.SkipUnless(IsLong, "takes minutes: BIMAMBA_DETERMINISM=1 runs it");
        await Compare("tiny", command, Workplace.BiMamba, Workplace.Mamba2);
    }

    [Theory]
    [InlineData("convert $BIMAMBA -o $OUT")]
    [InlineData("convert $MAMBA2 -o $OUT --pipeline gptq{bits=4,group=128,act_order=true,tensors=[\"*layers.1.*_proj*\"]}|pack $CALIBRATION")]
    [InlineData("convert $MAMBA2 -o $OUT --pipeline billm{tensors=[\"*layers.1.out_proj*\"]}|pack $CALIBRATION")]
    public async Task Models_of_another_size_do(string command)
    {
        Assert.SkipUnless(IsLong, "takes minutes: BIMAMBA_DETERMINISM=1 runs it");
        await Compare("small", command, Repository.RequireShared("models", "small-bimamba"), Repository.RequireShared("models", "small-mamba2"));
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "512=False 256=True 128=True")]
    [InlineData("DOTNET_EnableAVX2", "512=False 256=False 128=True")]
    [InlineData("DOTNET_EnableHWIntrinsic", "512=False 256=False 128=False")]
    public async Task A_variable_switches_its_set_off(string variable, string hardware)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is Architecture.X64 && Avx2.IsSupported, "needs a processor that has the sets");
        var info = new ProcessStartInfo("dotnet", [typeof(DeterminismTests).Assembly.Location, "-method", $"*.{nameof(The_hardware_of_a_process)}"]);
        info.Environment[variable] = "0";
        info.Environment[HardwareFile] = place["hardware"];
        (await Child.Finish(Child.Start(info))).Is(ExitCode.Ok);
        Assert.Equal(hardware, await File.ReadAllTextAsync(place["hardware"], TestContext.Current.CancellationToken));
    }

    /// <summary>What a child process runs.</summary>
    [Fact]
    public void The_hardware_of_a_process()
    {
        if (Environment.GetEnvironmentVariable(HardwareFile) is { } file)
            File.WriteAllText(file, $"512={Avx512F.IsSupported} 256={Avx2.IsSupported} 128={Vector128.IsHardwareAccelerated}");
    }

    public void Dispose() => place.Dispose();

    private async Task Compare(string name, string command, string biMamba, string mamba2)
    {
        var settings = Settings;
        // Two at a time: a process starts on one core while another one computes.
        using var turns = new SemaphoreSlim(2);
        var results = await Task.WhenAll(settings.Select(async (where, i) =>
        {
            await turns.WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                return await Run(command, where, string.Create(CultureInfo.InvariantCulture, $"{name}-{i}"), biMamba, mamba2);
            }
            finally
            {
                turns.Release();
            }
        }));
        Assert.NotEqual("", results[0]);
        Assert.All(Enumerable.Range(1, settings.Length - 1), i =>
            Assert.True(results[0] == results[i], $"{name}: {settings[0]} and {settings[i]} differ:\n{results[0]}\n{results[i]}"));
    }

    /// <summary>Runs a command in a folder of its own, so that names are the same, and gives what it wrote: stdout, or the name and hash of each file.</summary>
    private async Task<string> Run(string command, Setting where, string name, string biMamba, string mamba2)
    {
        var folder = Directory.CreateDirectory(place[name]).FullName;
        var words = command.Split(' ').SelectMany(word => word == "$CALIBRATION" ? Calibration : [word]).Select(word => word switch
        {
            "$BIMAMBA" => biMamba,
            "$MAMBA2" => mamba2,
            "$MADE" => place["made.bimb"],
            "$TEXT" => Workplace.Text,
            "$OUT" => "out",
            _ => word,
        });
        string[] threads = ["--threads", where.Threads.ToString(CultureInfo.InvariantCulture)];
        var environment = where.Without.Length > 0 ? new Dictionary<string, string>(StringComparer.Ordinal) { [where.Without] = "0" } : [];
        var outcome = (await Child.RunIn(folder, environment, [.. words, .. threads])).Is(ExitCode.Ok);
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => $"{Path.GetRelativePath(folder, file)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}");
        return string.Join('\n', [outcome.Output, .. files]);
    }
}
