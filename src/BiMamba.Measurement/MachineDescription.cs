using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Measurement;

/// <summary>The machine of a measurement, without names of hosts or paths.</summary>
/// <param name="Processor">Model name of the processor.</param>
/// <param name="Cores">Cores that this process may use.</param>
/// <param name="Vectors">The widest vector instructions.</param>
/// <param name="MemoryBytes">Memory that this process may use.</param>
/// <param name="System">Kind of operating system and instruction set.</param>
/// <param name="Runtime">Version of .NET.</param>
public sealed record MachineDescription(string Processor, int Cores, string Vectors, long MemoryBytes, string System, string Runtime)
{
    private const string Information = "/proc/cpuinfo";

    /// <summary>This machine.</summary>
    public static MachineDescription Read() => new(
        File.Exists(Information) ? ProcessorOf(File.ReadAllText(Information)) : RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : AdvSimd.IsSupported ? "AdvSIMD" : "portable",
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        $"{(OperatingSystem.IsLinux() ? "Linux" : OperatingSystem.IsWindows() ? "Windows" : OperatingSystem.IsMacOS() ? "macOS" : "other")} {RuntimeInformation.ProcessArchitecture}",
        RuntimeInformation.FrameworkDescription);

    /// <summary>The model name in the text of /proc/cpuinfo, with family and model numbers, which tell processors of one name apart.</summary>
    public static string ProcessorOf(string information)
    {
        var fields = information.Split('\n').TakeWhile(line => line.Length > 0)
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0], StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First()[1], StringComparer.Ordinal);
        var name = fields.GetValueOrDefault("model name", "unknown");
        return fields.TryGetValue("cpu family", out var family) && fields.TryGetValue("model", out var model) ? $"{name}, family {family} model {model}" : name;
    }
}
