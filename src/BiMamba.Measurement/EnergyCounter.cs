using System.Globalization;

namespace BiMamba.Measurement;

/// <summary>
/// Energy of the processor packages, from the counters of the Linux power capping interface. On most systems only an
/// administrator may read them, and a virtual machine has none.
/// </summary>
/// <remarks>Source: Documentation/power/powercap of the Linux kernel; counters in microjoules that wrap at max_energy_range_uj.</remarks>
public sealed class EnergyCounter
{
    /// <summary>The folder of the counters.</summary>
    public const string DefaultFolder = "/sys/class/powercap";

    private readonly List<Domain> domains;
    private double joules;

    private EnergyCounter(List<Domain> domains) => this.domains = domains;

    /// <summary>The counters of all packages; null where there are none or one cannot be read.</summary>
    public static EnergyCounter? Open(string folder = DefaultFolder)
    {
        try
        {
            if (!Directory.Exists(folder))
                return null;
            // Sub-domains (core, dram) and the whole platform (psys) would be counted a second time.
            var packages = Directory.GetDirectories(folder, "intel-rapl:*").Order(StringComparer.Ordinal)
                .Where(path => File.ReadAllText(Path.Combine(path, "name")).StartsWith("package", StringComparison.Ordinal))
                .Select(path => new Domain(Path.Combine(path, "energy_uj"), ReadNumber(Path.Combine(path, "max_energy_range_uj")), ReadNumber(Path.Combine(path, "energy_uj"))))
                .ToList();
            return packages.Count == 0 ? null : new EnergyCounter(packages);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>
    /// Joules since the counter was opened; null where it can no longer be read. To be called more often than a counter
    /// wraps, which takes minutes at full load.
    /// </summary>
    public double? Read()
    {
        try
        {
            for (var i = 0; i < domains.Count; i++)
            {
                var domain = domains[i];
                var now = ReadNumber(domain.Path);
                joules += (now >= domain.Last ? now - domain.Last : now + domain.Range - domain.Last) / 1e6;
                domains[i] = domain with { Last = now };
            }

            return joules;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    private static double ReadNumber(string path) =>
        ulong.Parse(File.ReadAllText(path).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture);

    private sealed record Domain(string Path, double Range, double Last);
}
