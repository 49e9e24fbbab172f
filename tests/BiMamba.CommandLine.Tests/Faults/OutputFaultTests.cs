using System.Diagnostics;
using BiMamba.Diagnostics;

namespace BiMamba.CommandLine.Tests.Faults;

/// <summary>Places that cannot be written: a full disk, a file system that is mounted read-only, folders and files of others, names that are too long.</summary>
public sealed class OutputFaultTests : IDisposable
{
    private const string Kilobytes = "96";
    private readonly Workplace place = new();

    /// <summary>Every command that writes a file, but for the name of the file, which comes last.</summary>
    public static TheoryData<string> Writers =>
    [
        "convert $M --method rtn -o out.bimb",
        "convert $M --method gptq --calibration $T --nsamples 2 --seqlen 64 -o out.bimb",
        "export $M --to gguf -o out.gguf",
        "export $M --to safetensors -o folder",
        "export $B --to safetensors --layout bi-mamba -o folder",
        "export $B --to safetensors --layout packed -o out.safetensors",
        "logits $M --ids-file ids.txt -o out.safetensors",
        "opt $M --pipeline fuse --save-weights -o out.bmir",
        "synth --arch mamba2 --size 130m -o folder",
        "compare run.json --no-speed --work work",
    ];

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task A_disk_becomes_full(string command)
    {
        Assert.SkipUnless(await Mount($"size={Kilobytes}k"), "needs the right to mount a tmpfs");
        try
        {
            // What a small disk has room for is written before and beside it.
            var outcome = await Run(command, disk: place["disk"]);
            Workplace.CheckFailure(outcome, ExitCode.OutputRefused, "BIM6002");
            Assert.Contains(place["disk"], outcome.Error, StringComparison.Ordinal);
            // Finished blocks of a calibrated conversion are kept where they have room.
            Assert.DoesNotContain(Directory.GetFiles(place["disk"], "*", SearchOption.AllDirectories), file => !file.Contains(".journal/", StringComparison.Ordinal));
        }
        finally
        {
            await Unmount();
        }
    }

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task A_disk_is_read_only(string command)
    {
        Assert.SkipUnless(await Mount("ro"), "needs the right to mount a tmpfs");
        try
        {
            Workplace.CheckFailure(await Run(command, disk: place["disk"]), ExitCode.OutputRefused, "BIM6002", place["disk"]);
        }
        finally
        {
            await Unmount();
        }
    }

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task A_folder_belongs_to_somebody_else(string command)
    {
        Directory.CreateDirectory(place["disk"]);
        SetMode("disk", UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        try
        {
            Workplace.CheckFailure(await Run(command, disk: place["disk"], asNobody: true), ExitCode.OutputRefused, "BIM6002", place["disk"]);
        }
        finally
        {
            SetMode("disk", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Theory]
    [InlineData("verify secret.bimb")]
    [InlineData("inspect secret.bimb")]
    [InlineData("convert secret.bimb -o out.bimb")]
    [InlineData("eval $M --text secret")]
    [InlineData("tokenize bytes --text secret")]
    [InlineData("opt secret.bmir --pipeline fuse")]
    [InlineData("compare secret.json")]
    [InlineData("eval $M --text $T --tokenizer secret")]
    public async Task An_input_may_not_be_read(string command)
    {
        foreach (var name in (string[])["secret", "secret.json", "secret.bimb", "secret.bmir"])
        {
            place.Write(name, "x");
            SetMode(name, UnixFileMode.None);
        }

        Workplace.CheckFailure(await Run(command, disk: Path.GetTempPath(), asNobody: true), ExitCode.InputMissing, "BIM1002", "secret");
    }

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task A_path_is_too_long(string command)
    {
        var part = new string('d', 200);
        var folder = string.Join('/', Enumerable.Repeat(part, 30));
        var outcome = await Run(command, disk: Path.Combine(place["disk"], folder));
        Workplace.CheckFailure(outcome, ExitCode.OutputRefused, "BIM6002", part);
        Assert.False(Directory.Exists(place["disk"]) && Directory.EnumerateFiles(place["disk"], "*", SearchOption.AllDirectories).Any());
    }

    /// <inheritdoc/>
    public void Dispose() => place.Dispose();

    /// <summary>Runs a command whose outputs lie on a disk of their own, and whose inputs do not.</summary>
    private async Task<Outcome> Run(string command, string disk, bool asNobody = false)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        place.Write("ids.txt", string.Join(' ', Enumerable.Repeat("97", 4096)));
        place.Write("run.json", $$"""
            { "models": [ { "name": "a", "model": "{{Workplace.Mamba2}}", "method": "rtn | pack" } ],
              "corpora": [ { "name": "t", "file": "{{Workplace.Text}}", "context": 64, "maxWindows": 1 } ] }
            """);
        string[] outputs = ["-o", "--work"];
        List<string> args = [];
        foreach (var word in command.Split(' '))
        {
            args.Add(word switch
            {
                "$M" => Workplace.Mamba2,
                "$B" => Workplace.BiMamba,
                "$T" => Workplace.Text,
                _ when args.Count > 0 && outputs.Contains(args[^1], StringComparer.Ordinal) => Path.Combine(disk, word),
                _ => word,
            });
        }

        var info = new ProcessStartInfo(asNobody && Environment.IsPrivilegedProcess ? "setpriv" : "dotnet") { WorkingDirectory = place.Path };
        if (info.FileName == "setpriv")
        {
            // The user needs the way to the inputs and to the program.
            SetMode("", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            string[] nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
            Assert.SkipUnless(File.Exists("/usr/bin/setpriv") && await Code("setpriv", [.. nobody, "test", "-r", Child.Assembly]) == 0, "needs setpriv, and a checkout that others can read");
            foreach (var word in (string[])[.. nobody, "dotnet"])
                info.ArgumentList.Add(word);
        }

        info.ArgumentList.Add(Child.Assembly);
        args.ForEach(info.ArgumentList.Add);
        return await Child.Finish(Child.Start(info));
    }

    private void SetMode(string name, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(place[name], mode);
    }

    private async Task<bool> Mount(string options)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return false;
        Directory.CreateDirectory(place["disk"]);
        return await Code("mount", "-t", "tmpfs", "-o", options, "tmpfs", place["disk"]) == 0;
    }

    private async Task Unmount() => Assert.Equal(0, await Code("umount", place["disk"]));

    private static async Task<int> Code(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true, UseShellExecute = false })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }
}
