using System.Runtime.InteropServices;

namespace BiMamba.Measurement.Probing;

/// <summary>Memory of its own kind of pages, outside the managed heap, every page touched.</summary>
internal sealed unsafe class ProbeBuffer : IDisposable
{
    private const int HugePage = 2 << 20;
    private const int AdviceHuge = 14;
    private const int AdviceNotHuge = 15;

    private void* memory;

    private ProbeBuffer(void* memory, int length)
    {
        this.memory = memory;
        Length = length;
    }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => new(memory, Length);

    /// <summary>A buffer; null where huge pages are wanted and the system has no such advice.</summary>
    /// <exception cref="OutOfMemoryException">There is not enough memory.</exception>
    public static ProbeBuffer? Create(int length, bool huge)
    {
        if (huge && !OperatingSystem.IsLinux())
            return null;
        var memory = NativeMemory.AlignedAlloc((nuint)length, HugePage);
        // Without the advice the system's own setting would decide which pages the ordinary buffer has.
        if (OperatingSystem.IsLinux() && Advise(memory, (nuint)length, huge ? AdviceHuge : AdviceNotHuge) != 0 && huge)
        {
            NativeMemory.AlignedFree(memory);
            return null;
        }

        // Untouched pages would all be the same page of zeros.
        NativeMemory.Fill(memory, (nuint)length, 0x5A);
        return new ProbeBuffer(memory, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(memory);
        memory = null;
    }

    [DllImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(void* address, nuint length, int advice);
}
