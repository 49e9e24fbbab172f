using BiMamba.Testing;

namespace BiMamba.Measurement.Tests;

/// <summary>What the system tells of memory, energy and processor.</summary>
public sealed class SystemTests
{
    [Fact]
    public void Resident_memory_is_read_from_a_status_file()
    {
        var memory = ProcessMemory.Parse("Name:\tx\nVmHWM:\t  300 kB\nVmRSS:\t250 kB\nRssAnon:\t100 kB\nRssFile:\t  150 kB\nRssShmem:\t0 kB\n");
        Assert.Equal(new ProcessMemory(100 << 10, 150 << 10, 300 << 10), memory);
        Assert.Equal(250 << 10, memory!.Resident);
        Assert.Null(ProcessMemory.Parse("Name:\tx\nVmHWM:\t300 kB\n"));
        Assert.Equal(OperatingSystem.IsLinux(), ProcessMemory.Read() is not null);
    }

    [Fact]
    public void Energy_is_the_sum_of_the_packages_over_a_wrap()
    {
        using var folder = new TemporaryFolder();
        Domain(folder, "intel-rapl:0", "package-0", 900, 1000);
        Domain(folder, "intel-rapl:0:0", "core", 5, 1000);
        Domain(folder, "intel-rapl:1", "package-1", 100, 1000);
        Domain(folder, "intel-rapl:2", "psys", 100, 1000);
        var counter = EnergyCounter.Open(folder.Path)!;
        Assert.Equal(0.0, counter.Read());
        Domain(folder, "intel-rapl:0", "package-0", 50, 1000);
        Domain(folder, "intel-rapl:1", "package-1", 400, 1000);
        Assert.Equal(450e-6, counter.Read()!.Value, 1e-12);
        Domain(folder, "intel-rapl:0", "package-0", 60, 1000);
        Assert.Equal(460e-6, counter.Read()!.Value, 1e-12);
        File.Delete(Path.Combine(folder["intel-rapl:0"], "energy_uj"));
        Assert.Null(counter.Read());
    }

    [Fact]
    public void Without_counters_there_is_no_energy()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(EnergyCounter.Open(folder["absent"]));
        Assert.Null(EnergyCounter.Open(folder.Path));
        Domain(folder, "intel-rapl:0", "package-0", 1, 2);
        File.WriteAllText(Path.Combine(folder["intel-rapl:0"], "energy_uj"), "x");
        Assert.Null(EnergyCounter.Open(folder.Path));
    }

    [Fact]
    public void The_processor_is_named_with_its_numbers()
    {
        Assert.Equal("Some CPU, family 6 model 207", MachineDescription.ProcessorOf("processor\t: 0\ncpu family\t: 6\nmodel\t\t: 207\nmodel name\t: Some CPU\n\nprocessor\t: 1\nmodel name\t: Other\n"));
        Assert.Equal("unknown", MachineDescription.ProcessorOf("x"));
        Assert.InRange(MachineDescription.Read().Cores, 1, 100000);
    }

    private static void Domain(TemporaryFolder folder, string name, string word, long energy, long range)
    {
        Directory.CreateDirectory(folder[name]);
        File.WriteAllText(Path.Combine(folder[name], "name"), word + "\n");
        File.WriteAllText(Path.Combine(folder[name], "energy_uj"), FormattableString.Invariant($"{energy}\n"));
        File.WriteAllText(Path.Combine(folder[name], "max_energy_range_uj"), FormattableString.Invariant($"{range}\n"));
    }
}
