using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiMamba.Measurement.Probing;

/// <summary>
/// Reads the share of one thread of a buffer once. Which order is fastest depends on the machine: its prefetchers, its
/// pages and how many lines it waits for at a time.
/// </summary>
/// <param name="bytes">The buffer; its length is a multiple of threads x <see cref="ReadLoops.Unit"/>.</param>
/// <param name="thread">The thread, 0 to <paramref name="threads"/>.</param>
/// <param name="threads">Threads that share the buffer.</param>
/// <returns>A combination of all bytes read, so that no load can be left out.</returns>
internal delegate ulong ReadLoop(ReadOnlySpan<byte> bytes, int thread, int threads);

/// <summary>The read loops by name.</summary>
internal static class ReadLoops
{
    /// <summary>Bytes that a thread's share is a multiple of.</summary>
    public const int Unit = 4 * Block;

    private const int Block = 64 << 10;
    private const int Step = 256;
    private const int Vector = 64;
    private const int PrefetchDistance = 4096;

    /// <summary>All loops that this machine can run.</summary>
    public static IReadOnlyList<(string Name, ReadLoop Run)> All { get; } =
    [
        ("vectors", Vectors),
        .. Sse.IsSupported ? new (string, ReadLoop)[] { ("prefetched", Prefetched) } : [],
        ("streams", Streams),
        ("blocks", Blocks),
    ];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Vectors(ReadOnlySpan<byte> bytes, int thread, int threads)
    {
        var share = bytes.Length / threads;
        return Sum(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), (nint)share * thread), share);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe ulong Prefetched(ReadOnlySpan<byte> bytes, int thread, int threads)
    {
        var share = bytes.Length / threads;
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), (nint)share * thread);
        Vector512<ulong> a = default, b = a, c = a, d = a;
        for (nint i = 0; i < share; i += Step)
        {
            ref var at = ref Unsafe.Add(ref first, i);
            // Behind the end a prefetch does nothing.
            var ahead = (byte*)Unsafe.AsPointer(ref at) + PrefetchDistance;
            Sse.Prefetch0(ahead);
            Sse.Prefetch0(ahead + Vector);
            Sse.Prefetch0(ahead + (2 * Vector));
            Sse.Prefetch0(ahead + (3 * Vector));
            a ^= Load(ref at, 0);
            b ^= Load(ref at, Vector);
            c ^= Load(ref at, 2 * Vector);
            d ^= Load(ref at, 3 * Vector);
        }

        return Vector512.Sum(a ^ b ^ c ^ d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Streams(ReadOnlySpan<byte> bytes, int thread, int threads)
    {
        var share = bytes.Length / threads;
        nint stream = share / 4;
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), (nint)share * thread);
        Vector512<ulong> a = default, b = a, c = a, d = a;
        for (nint i = 0; i < stream; i += Vector)
        {
            ref var at = ref Unsafe.Add(ref first, i);
            a ^= Load(ref at, 0);
            b ^= Load(ref at, stream);
            c ^= Load(ref at, 2 * stream);
            d ^= Load(ref at, 3 * stream);
        }

        return Vector512.Sum(a ^ b ^ c ^ d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Blocks(ReadOnlySpan<byte> bytes, int thread, int threads)
    {
        ref var first = ref MemoryMarshal.GetReference(bytes);
        var sum = 0ul;
        for (nint at = (nint)thread * Block; at < bytes.Length; at += (nint)threads * Block)
            sum ^= Sum(ref Unsafe.Add(ref first, at), Block);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Sum(ref byte first, nint length)
    {
        Vector512<ulong> a = default, b = a, c = a, d = a;
        for (nint i = 0; i < length; i += Step)
        {
            ref var at = ref Unsafe.Add(ref first, i);
            a ^= Load(ref at, 0);
            b ^= Load(ref at, Vector);
            c ^= Load(ref at, 2 * Vector);
            d ^= Load(ref at, 3 * Vector);
        }

        return Vector512.Sum(a ^ b ^ c ^ d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ref byte at, nint offset) =>
        Vector512.LoadUnsafe(ref Unsafe.Add(ref at, offset)).AsUInt64();
}
