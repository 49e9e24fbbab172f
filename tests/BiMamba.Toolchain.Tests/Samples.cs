using BiMamba.CommandLine;
using BiMamba.CommandLine.Console;
using BiMamba.Testing;

namespace BiMamba.Toolchain.Tests;

/// <summary>What tests work on, and the command line beside which the library is held.</summary>
internal static class Samples
{
    /// <summary>The trained Bi-Mamba model, a torch file.</summary>
    public static string BiMamba { get; } = Repository.Golden("models", "tiny-bimamba-official");

    /// <summary>The trained Mamba-2 model in four shards.</summary>
    public static string Mamba2 { get; } = Repository.Golden("models", "tiny-mamba2-hf");

    /// <summary>A text that no model was trained on.</summary>
    public static string Text { get; } = Repository.Golden("text", "held-64k.txt");

    /// <summary>A small calibration of one linear.</summary>
    public static ConvertOptions Calibrated { get; } = new()
    {
        Pipeline = "gptq{tensors=[\"*layers.0.in_proj*\"]} | pack",
        Calibration = new CalibrationOptions(Text) { Samples = 2, SequenceLength = 64 },
    };

    /// <summary>stdout of a command, which must succeed.</summary>
    public static async Task<string> Command(params string[] args)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        using var terminal = new Terminal(output, error, isInteractive: false, allowsColour: false);
        var code = await Program.RunAsync(args, terminal);
        Assert.True(code == 0, error.ToString());
        return output.ToString();
    }
}
