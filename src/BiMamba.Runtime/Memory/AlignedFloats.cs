using System.Runtime.CompilerServices;

namespace BiMamba.Runtime.Memory;

/// <summary>f32 elements that begin at a cache line, so that no vector of 64 bytes lies across two.</summary>
internal sealed class AlignedFloats
{
    private const int LineBytes = 64;
    private const int Slack = LineBytes / sizeof(float);
    private readonly float[] array;
    private readonly int first;

    /// <summary>Elements that hold anything.</summary>
    /// <param name="length">The number of elements.</param>
    /// <param name="streamed">True where all of them are used again and again, so that huge pages pay.</param>
    /// <exception cref="OutOfMemoryException">One array cannot hold them.</exception>
    public AlignedFloats(int length, bool streamed = false)
    {
        Length = length;
        if (length == 0)
        {
            array = [];
            return;
        }

        array = GC.AllocateUninitializedArray<float>((int)Math.Min(Array.MaxLength, (long)length + Slack), pinned: true);
        // Where the array has no room for the shift it stays as it lies.
        first = array.Length - length < Slack ? 0 : Misaligned(array);
        if (streamed)
            HugePages.Advise(array);
    }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>The elements.</summary>
    public Span<float> Span => array.AsSpan(first, Length);

    private static unsafe int Misaligned(float[] pinned)
    {
        var address = (nuint)Unsafe.AsPointer(ref pinned[0]);
        return (int)((LineBytes - (address % LineBytes)) % LineBytes / sizeof(float));
    }
}
