using System.Runtime.Intrinsics.X86;
using BiMamba.Benchmarks;
using BiMamba.Kernels;

// Usage: BiMamba.Benchmarks [name part]...; all when none is given.
Console.WriteLine($"AVX-512 {Avx512F.IsSupported}, AVX2 {Avx2.IsSupported}");
foreach (var (name, run) in Benchmarks.All)
{
    if (args.Length == 0 || args.Any(a => name.Contains(a, StringComparison.OrdinalIgnoreCase)))
        run();
}
