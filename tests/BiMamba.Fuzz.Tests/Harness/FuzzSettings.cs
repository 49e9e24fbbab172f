using System.Globalization;

namespace BiMamba.Fuzz.Tests.Harness;

/// <summary>What the environment asks for.</summary>
/// <param name="Cases">Cases of a target.</param>
/// <param name="First">Number of the first.</param>
/// <param name="Target">The only target, or null for all.</param>
/// <param name="Artifacts">Where failing inputs go.</param>
internal sealed record FuzzSettings(long Cases, long First, string? Target, string Artifacts)
{
    /// <summary>Cases of a target in a run of all tests.</summary>
    public const long DefaultCases = 20_000;

    /// <summary>The settings of this run: BIMAMBA_FUZZ_CASES, BIMAMBA_FUZZ_FIRST, BIMAMBA_FUZZ_TARGET, BIMAMBA_FUZZ_OUTPUT.</summary>
    public static FuzzSettings Read() => new(
        Number("BIMAMBA_FUZZ_CASES", DefaultCases),
        Number("BIMAMBA_FUZZ_FIRST", 0),
        Environment.GetEnvironmentVariable("BIMAMBA_FUZZ_TARGET") is { Length: > 0 } target ? target : null,
        Environment.GetEnvironmentVariable("BIMAMBA_FUZZ_OUTPUT") is { Length: > 0 } folder ? folder : Path.Combine(Path.GetTempPath(), "bimamba-fuzz"));

    private static long Number(string name, long otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;
}
